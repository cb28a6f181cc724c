"""Files to text and grids: one module per format, chosen by content and never by name alone.

`opening.Opener` is what the reader is given; `formats.EXTRACTORS` the table kind -> extractor; `content` the pieces an
extractor gives. Decoders of others run here, so all of this runs in a jailed child (dlp.jail): no file, no network.
"""
