"""A campus of invented people, as many as are asked for: names from several parts of the world, some far commoner than others.

`campus(12_000)` gives the same rows every time. Ordinary words are among the names (Will, May, Price), so that a test of false
alarms meets them as often as a real campus does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from dlp.campus.records import Staff, Student


def _listed(names: str) -> list[str]:
    return names.split()


GIVEN = _listed(
    "James Mary Maria Wei David Emily Michael Sarah Daniel Anna Jun Li John Laura Thomas Sofia Alex Grace Will Mark"
    " Jordan April Hope Art Rose Chase Grant Summer Dean Frank Austin Paris Rob Max Faith Amber Christian Page Victor"
    " Charlotte Hana Min Jae Haruto Yuki Sakura Kenji Ming Xiaoming Jing Yan Hui Lin Tao Mei Ngoc Minh Thi Khai Linh"
    " Priya Arjun Ananya Rahul Deepa Vikram Fatima Omar Layla Yusuf Amina Khalid Zainab Hassan Leila Reza Ivan Olga"
    " Dmitri Natasha Pavel Katya Piotr Agnieszka Jan Marek Zofia Jürgen Ute Karl Greta Lukas Søren Ingrid Åsa Björn"
    " Mikko Aino Luca Giulia Matteo Chiara Jean Amélie Luc Céline Diego Lucía Javier Carmen José Ximena Mateo"
    " Valentina João Beatriz Kwame Adaeze Chidi Ngozi Thabo Naledi Abebe Selam Wanjiru Kofi Noa Ori Tamar Eitan Aylin"
    " Emre Zeynep Nikos Eleni Siobhán Conor Aoife Rhys Carys"
)
FAMILY = _listed(
    "Smith Johnson Wang Li Kim Zhang Chen Garcia Nguyen Lee Brown Patel Park Miller Davis Liu Singh Martinez Young"
    " King Hall Price May Long Short Rich Major Summers Baker Hill Woods Field Stone Green White Black Best Love Page"
    " Church Cross Lane Law Day Weeks Winter Snow Bell Banks West North Sharp Strong Small Swift Wells Wise Fox Marsh"
    " Grant Reading Vale Tanaka Suzuki Sato Mori Yamamoto Ito Choi Jung Kang Cho Yoon Huang Zhao Wu Zhou Xu Sun Ma"
    " Zhu Hu Guo He Lin Tran Le Pham Hoang Phan Sharma Gupta Kumar Mehta Rao Iyer Reddy Khan Ahmed Hussain Rahman"
    " Haddad al-Rashidi Mansour Ivanov Petrova Sidorenko Volkov Nowak Kowalska Wiśniewski Novák Horváth Müller Schmidt"
    " Weber Groß von-Hohenfeld Jensen Åkerblom Lindqvist Virtanen Korhonen Rossi Ferrari Bianchi Dubois Lefèvre Moreau"
    " García-Márquez Rodríguez Ibáñez Fernández Silva Ferreira Okafor Mensah Mokoena Dlamini Tesfaye Kamau Cohen"
    " Ben-Dor Y\u0131lmaz Demir Papadopoulos Karalis O'Brien O'Driscoll MacAllister Murphy Evans Quillfeather Penhaligon"
    " Quist Ames Lind Adeyemi Castellano Drummond Ellery Farrow Gilchrist Hartigan Ivers Jessop Kettering Lovelace"
    " Merriweather Northcote Ockham Pemberton Quigley Rutherglen Satterly Thackeray Underhill Vickery"
)


def campus(students: int, seed: int = 4) -> Iterator[Student | Staff]:
    """So many students, and an employee for every eighth. The first names of each list are the commonest."""
    chance = random.Random(seed)
    for number in range(students):
        yield Student(f"{910_000_000 + 7 * number}", *_name(chance), email=f"s{number}@campus.example")
        if number % 8 == 0:
            yield Staff(f"e{number}@campus.example", "", *_name(chance))


def _name(chance: random.Random) -> tuple[str, str]:
    given, family = _drawn(chance, GIVEN), _drawn(chance, FAMILY)
    middle = f" {_drawn(chance, GIVEN)}" if chance.random() < 0.2 else ""
    return given + middle, family


def _drawn(chance: random.Random, names: list[str]) -> str:
    """One of `names`, the first about eight times as often as the last."""
    return names[min(int(len(names) * chance.random() ** 1.6), len(names) - 1)]
