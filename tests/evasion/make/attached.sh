#!/bin/sh
# Makes the files of tests/evasion/attached again: what common programs write, with nobody's data in it.
#   sh tests/evasion/make/attached.sh FOLDER     (needs the programs named below; not run by tests)
# figures.py beside this file makes those whose numbers look like campus IDs and are none.
set -e
cd "$1"
python3 "$(dirname "$(realpath "$0")")/figures.py" .
printf '# Title\n\nSome *text* and $x^2$.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n' > m.md
for kind in rtf docbook fb2 ipynb opml; do pandoc -s m.md -t $kind -o pandoc.$kind; done
pandoc -s m.md -o pandoc.html
abiword --to=docx m.md -o abi.docx; abiword --to=abw pandoc.html -o abi.abw
enscript -q -w rtf -o en.rtf m.md
echo 'digraph{a->b->c}' | dot -Tsvg -o dot.svg
7z a -bd -y -m0=ppmd 7z-ppmd.7z scores.csv
for kind in 7zip cpio; do bsdtar --format=$kind -cf bsd-$kind.bin scores.csv; done
bsdtar -cf bsd.tar.Z -Z scores.csv; tar czf - scores.csv | cat > piped.tgz
zstd -qc --ultra -22 --long=27 scores.csv > s22.zst; xz --format=lzma -c scores.csv > s.lzma
gzip -c scores.csv > multi.gz; gzip -c m.md >> multi.gz
printf x | zip -q info-stdin.zip -; zip -q -fd info-fd.zip - < scores.csv
pdftotext -bbox reportlab-plain.pdf bbox.html; pdftohtml -q -s reportlab-plain.pdf ph.html
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj "/CN=Ada Lind"
openssl smime -sign -in m.md -signer cert.pem -inkey key.pem -out signed.eml -text
openssl smime -sign -nodetach -in m.md -signer cert.pem -inkey key.pem -out opaque.eml
openssl cms -sign -in m.md -signer cert.pem -inkey key.pem -outform DER -nodetach -out cms.p7m
openssl crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out certs.p7b
gpg --batch --clearsign -o clear.asc m.md; gpg --batch -s -o signed.gpg m.md; gpg --batch -b -o m.md.sig m.md; gpg -a --export > pub.asc
rm key.pem cert.pem
# By Python libraries: vobject (vcf, ics), ebooklib, odfpy (odt, ods), pymupdf, reportlab and xhtml2pdf (pdf), a page each.
