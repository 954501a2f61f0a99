package ecma

import (
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendStringified appends JSON text as JSON.stringify(JSON.parse(source)) writes it: no white space, the shortest escapes and
// numbers. No text at all stands for undefined. Members keep their order.
func AppendStringified(dst []byte, source string) []byte {
	if source == "" {
		return text.Append(dst, "undefined")
	}
	p := jsontext.New(source)
	for {
		switch p.Kind() {
		case jsontext.String:
			dst = jsontext.AppendQuote(dst, p.String())
		case jsontext.Number:
			dst = AppendNumber(dst, p.Number())
		case jsontext.Null, jsontext.Bool:
			dst = text.Append(dst, p.Raw())
		default: // what stands between values, and begins and ends them
			if p.Left() == 0 {
				return dst
			}
			dst = append(dst, p.Rest()[0])
			p.Advance(1)
		}
	}
}
