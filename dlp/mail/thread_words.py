"""The words by which mail programs say that what follows is an earlier message, by language.

Takes nothing: tables for zones.py. A blank stands for any blanks; case does not count. A language is added by its row.
"""

from __future__ import annotations

from collections.abc import Mapping

# language -> (words a line "On Monday, somebody wrote:" may begin with, its verbs)
ATTRIBUTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("On", "At"), ("wrote", "writes", "Quoting")),
    "de": (("Am", "Zitat von"), ("schrieb", "schrieben", "geschrieben", "Zitat von")),
    "fr": (("Le",), ("a écrit", "écrit", "a envoyé")),
    "es": (("El",), ("escribió", "ha escrito")),
    "it": (("Il", "In data"), ("ha scritto", "scrive")),
    "pt": (("Em", "No dia"), ("escreveu",)),
    "nl": (("Op",), ("schreef", "het volgende geschreven")),
    "sv": (("Den",), ("skrev",)),
    "da": (("Den", "På"), ("skrev",)),
    "fi": ((), ("kirjoitti",)),
    "pl": (("W dniu", "Dnia"), ("napisał", "napisała", "napisał(a)", "pisze")),
    "cs": (("Dne",), ("napsal", "napsala", "napsal(a)")),
    "tr": ((), ("yazdı", "şunu yazdı")),  # noqa: RUF001  Turkish
    "ru": ((), ("пишет", "написал", "написала", "написал(а)")),  # noqa: RUF001  Cyrillic
    "zh": (("在",), ("写道", "寫道")),
    "ja": ((), ("のメール", "書きました")),
    "ko": ((), ("작성", "님이 작성")),
}

ORIGINAL_MARKERS = (
    "Original Message",
    "Reply Message",
    "Ursprüngliche Nachricht",
    "Original-Nachricht",
    "Message d'origine",
    "Message original",
    "Mensaje original",
    "Messaggio originale",
    "Mensagem original",
    "Oorspronkelijk bericht",
    "Ursprungligt meddelande",
    "Oprindelig meddelelse",
    "Wiadomość oryginalna",
    "Исходное сообщение",
    "原始邮件",
)

FORWARDED_MARKERS = (
    "Forwarded message",
    "Begin forwarded message",
    "Weitergeleitete Nachricht",
    "Anfang der weitergeleiteten Nachricht",
    "Message transféré",
    "Début du message réexpédié",
    "Début du message transféré",
    "Mensaje reenviado",
    "Inicio del mensaje reenviado",
    "Messaggio inoltrato",
    "Inizio messaggio inoltrato",
    "Mensagem encaminhada",
    "Doorgestuurd bericht",
    "Begin doorgestuurd bericht",
    "Vidarebefordrat meddelande",
    "Пересылаемое сообщение",
    "转发邮件",
)

FROM_LABELS = ("From", "Von", "De", "Da", "Van", "Från", "Fra", "Od", "От", "差出人", "发件人", "보낸 사람")
SUBJECT_LABELS = (
    "Subject",
    "Betreff",
    "Objet",
    "Asunto",
    "Oggetto",
    "Assunto",
    "Onderwerp",
    "Ämne",
    "Emne",
    "Temat",
    "Předmět",
    "Тема",
    "件名",
    "主题",
    "제목",
)

DISCLAIMER_OPENINGS = (
    "Confidentiality notice",
    "Confidentiality note",
    "Disclaimer",
    "Privileged and confidential",
    "This e-mail and any",
    "This email and any",
    "This message and any",
    "This e-mail is confidential",
    "This email is confidential",
    "This communication is confidential",
    "This message contains confidential",
    "This message is intended only",
    "This e-mail is intended only",
    "The information contained in this",
    "The information in this e-mail",
    "The information in this email",
    "Diese E-Mail enthält vertrauliche",
    "Diese Nachricht ist vertraulich",
    "Ce message et toutes les pièces jointes",
    "Ce message est confidentiel",
    "Este mensaje y sus archivos",
    "Este correo electrónico es confidencial",
    "Questo messaggio è riservato",
    "Esta mensagem é confidencial",
    "Dit bericht is vertrouwelijk",
)

# a program's own signature, one line
SENT_FROM = (
    "Sent from my",
    "Sent from Outlook",
    "Sent from Mail for",
    "Get Outlook for",
    "Von meinem",
    "Gesendet von meinem",
    "Envoyé de mon",
    "Enviado desde mi",
    "Inviato da",
    "Verzonden vanaf mijn",
)
