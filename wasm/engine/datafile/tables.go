package datafile

import (
	"strconv"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendFacts appends what a host across a boundary keeps of the project as JSON: facts, and the keys of flags, events and attributes,
// each list in the order of the indexes that calls cross with. public/sdk/engine/project.js reads it.
func (p *Project) AppendFacts(dst []byte) []byte {
	dst = appendMember(dst, '{', "revision", p.Revision)
	dst = appendMember(dst, ',', "projectId", p.ProjectID)
	dst = appendMember(dst, ',', "region", p.Region)
	dst = appendBool(dst, "sendFlagDecisions", p.SendFlagDecisions)
	dst = appendBool(dst, "hasODP", p.HasODP)
	dst = text.Append(dst, `,"flags":`)
	dst = appendList(dst, p.Flags, func(dst []byte, f *Flag) []byte { return jsontext.AppendQuote(dst, f.Key) })
	dst = text.Append(dst, `,"events":`)
	dst = appendList(dst, p.Events, func(dst []byte, e *Event) []byte { return jsontext.AppendQuote(dst, e.Key) })
	dst = text.Append(dst, `,"attributes":`)
	dst = append(dst, '[')
	for i, key := range p.AttributeKeys {
		dst = jsontext.AppendQuote(appendComma(dst, i), key)
	}
	return text.Append(dst, "]}")
}

// AppendRules appends the experiments and holdouts with their variations in the same manner, for public/sdk/engine/rules.js.
func (p *Project) AppendRules(dst []byte) []byte {
	dst = appendList(text.Append(dst, `{"experiments":`), p.Experiments, appendExperiment)
	return append(appendList(text.Append(dst, `,"holdouts":`), p.Holdouts, appendExperiment), '}')
}

func appendExperiment(dst []byte, e *Experiment) []byte {
	dst = appendMember(dst, '{', "id", e.ID)
	dst = appendMember(dst, ',', "key", e.Key)
	dst = appendBool(dst, "isRollout", e.Rollout)
	dst = appendBool(dst, "hasFlag", e.HasFlag)
	dst = text.Append(dst, `,"variations":`)
	dst = appendList(dst, e.Variations, appendVariation)
	return append(dst, '}')
}

func appendVariation(dst []byte, v *Variation) []byte {
	dst = strconv.AppendInt(text.Append(dst, `{"index":`), int64(v.Index), 10)
	dst = appendMember(dst, ',', "id", v.ID)
	return append(appendMember(dst, ',', "key", v.Key), '}')
}

func appendMember(dst []byte, before byte, name, value string) []byte {
	return jsontext.AppendQuote(appendName(dst, before, name), value)
}

func appendBool(dst []byte, name string, value bool) []byte {
	return strconv.AppendBool(appendName(dst, ',', name), value)
}

func appendName(dst []byte, before byte, name string) []byte {
	return append(jsontext.AppendQuote(append(dst, before), name), ':')
}

func appendComma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

// appendList appends items; that they are all pointers has the compiler make it once.
func appendList[T any](dst []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		dst = appendItem(appendComma(dst, i), item)
	}
	return append(dst, ']')
}
