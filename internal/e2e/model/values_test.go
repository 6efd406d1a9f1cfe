package model

import (
	"bytes"
	"encoding/hex"
)

// Bytes, as adapters keep them.
var raw = converter[[]byte]{
	to:   bytes.Clone,
	from: func(b []byte) string { return string(b) },
	spot: func(b []byte) {
		for i := range b {
			b[i] = '#'
		}
	},
}

// record is kept as JSON. Nothing at all is the nil pointer, which is null
// there.
type record struct{ Data []byte }

var records = converter[*record]{
	to: func(b []byte) *record {
		if len(b) == 0 {
			return nil
		}
		return &record{bytes.Clone(b)}
	},
	from: func(r *record) string {
		if r == nil {
			return ""
		}
		return string(r.Data)
	},
	spot: func(r *record) {
		if r != nil {
			raw.spot(r.Data)
		}
	},
}

// hexText is kept as text of its own making.
type hexText string

func (t *hexText) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, []byte(*t)), nil }

func (t *hexText) UnmarshalText(text []byte) error {
	data, err := hex.DecodeString(string(text))
	*t = hexText(data)
	return err
}

var texts = converter[hexText]{
	to:   func(b []byte) hexText { return hexText(b) },
	from: func(t hexText) string { return string(t) },
}

// text is kept as its own bytes.
var strs = converter[string]{
	to:   func(b []byte) string { return string(b) },
	from: func(s string) string { return s },
}
