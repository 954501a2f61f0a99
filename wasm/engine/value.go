package engine

import "sortition/wasm/engine/audience"

// valueOf gives a Go value the type it has in JavaScript.
func valueOf(value any) audience.Value {
	switch v := value.(type) {
	case nil:
		return audience.Value{Kind: audience.Null}
	case string:
		return audience.OfText(v)
	case bool:
		return audience.Value{Kind: audience.Boolean, Bool: v}
	}
	if n, ok := number(value); ok {
		return audience.Value{Kind: audience.Number, Number: n}
	}
	return audience.Value{Kind: audience.Other}
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case int:
		return float64(v), true
	case int8:
		return float64(v), true
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint:
		return float64(v), true
	case uint8:
		return float64(v), true
	case uint16:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	}
	return 0, false
}
