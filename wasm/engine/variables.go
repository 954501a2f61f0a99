package engine

import (
	"math"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendVariables appends the values that a decision gives the variables of its flag, as a JSON object in the order of the datafile.
func (e *Engine) AppendVariables(dst []byte, d *Decision) []byte {
	dst = append(dst, '{')
	for i, v := range d.Flag.Variables {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendQuote(dst, v.Key), ':')
		dst = e.AppendVariableOf(dst, d, v)
	}
	return append(dst, '}')
}

// AppendVariableOf appends the value that a decision gives one variable of its flag.
func (e *Engine) AppendVariableOf(dst []byte, d *Decision, v *datafile.Variable) []byte {
	return AppendVariable(dst, v.Type, e.variableText(v, d.Enabled(), d.Variation))
}

// variableText returns what the datafile gives a variable: the variation's value when that is switched on and has one, else the
// default.
func (e *Engine) variableText(v *datafile.Variable, enabled bool, variation *datafile.Variation) string {
	if enabled {
		values := e.project.VariableValues(variation)
		for i := len(values) - 1; i >= 0; i-- {
			if values[i].ID == v.ID {
				return values[i].Value
			}
		}
	}
	return v.Default
}

// AppendVariable appends the text of a variable's value as JSON of its type: a boolean, integer and double as JavaScript's === "true",
// parseInt and parseFloat read it, json as it is, anything else as text; null when the text does not have the type. A double that is
// infinite is written as 1e999, which JSON.parse reads as that.
func AppendVariable(dst []byte, variableType, value string) []byte {
	switch variableType {
	case "boolean":
		if value == "true" || value == "false" {
			return text.Append(dst, value)
		}
	case "integer":
		return appendDouble(dst, ecma.ParseInt(value, 10))
	case "double":
		return appendDouble(dst, ecma.ParseFloat(value))
	case "json":
		if p := jsontext.New(value); p.Raw() != "" && p.End() == nil {
			return text.Append(dst, value)
		}
	default:
		return jsontext.AppendQuote(dst, value)
	}
	return text.Append(dst, "null")
}

func appendDouble(dst []byte, n float64) []byte {
	switch {
	case n > math.MaxFloat64:
		return text.Append(dst, "1e999")
	case n < -math.MaxFloat64:
		return text.Append(dst, "-1e999")
	case n == 0 && 1/n < 0:
		return text.Append(dst, "-0")
	}
	return ecma.AppendNumber(dst, n)
}
