package ecma

import "sortition/wasm/engine/internal/jsontext"

// AppendStringified appends JSON text as JSON.stringify(JSON.parse(source)) writes it: no white space, the shortest escapes and
// numbers. No text at all stands for undefined. Members keep their order.
func AppendStringified(dst []byte, source string) []byte {
	if source == "" {
		return append(dst, "undefined"...)
	}
	return appendValue(dst, jsontext.New(source))
}

func appendValue(dst []byte, p *jsontext.Parser) []byte {
	switch p.Kind() {
	case jsontext.Array:
		dst = append(dst, '[')
		p.Array(func(i int) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, p)
		})
		return append(dst, ']')
	case jsontext.Object:
		dst = append(dst, '{')
		p.Object(func(key string) {
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			dst = appendValue(append(jsontext.AppendQuote(dst, key), ':'), p)
		})
		return append(dst, '}')
	case jsontext.String:
		return jsontext.AppendQuote(dst, p.String())
	case jsontext.Number:
		return AppendNumber(dst, p.Number())
	default:
		return append(dst, p.Raw()...)
	}
}
