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
	return appendValue(dst, jsontext.New(source))
}

func appendValue(dst []byte, p *jsontext.Parser) []byte {
	switch p.Kind() {
	case jsontext.Array:
		dst = text.Append(dst, "[")
		p.Array(func(i int) {
			if i > 0 {
				dst = text.Append(dst, ",")
			}
			dst = appendValue(dst, p)
		})
		return text.Append(dst, "]")
	case jsontext.Object:
		dst = text.Append(dst, "{")
		p.Object(func(key string) {
			if dst[len(dst)-1] != '{' {
				dst = text.Append(dst, ",")
			}
			dst = appendValue(text.Append(jsontext.AppendQuote(dst, key), ":"), p)
		})
		return text.Append(dst, "}")
	case jsontext.String:
		return jsontext.AppendQuote(dst, p.String())
	case jsontext.Number:
		return AppendNumber(dst, p.Number())
	default:
		return text.Append(dst, p.Raw())
	}
}
