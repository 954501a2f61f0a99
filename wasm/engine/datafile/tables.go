package datafile

import (
	"strconv"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// AppendTables appends what a host across a boundary keeps of the project as JSON: facts, experiments, events and attribute keys,
// each list in the order of the indexes that calls cross with. public/sdk/engine/project.js reads it.
func (p *Project) AppendTables(dst []byte) []byte {
	dst = appendMember(dst, '{', "version", p.Version)
	dst = appendMember(dst, ',', "revision", p.Revision)
	dst = appendMember(dst, ',', "accountId", p.AccountID)
	dst = appendMember(dst, ',', "projectId", p.ProjectID)
	dst = appendMember(dst, ',', "sdkKey", p.SDKKey)
	dst = appendMember(dst, ',', "region", p.Region)
	dst = strconv.AppendBool(text.Append(dst, `,"anonymizeIP":`), p.AnonymizeIP)
	dst = text.Append(dst, `,"botFiltering":`)
	if p.HasBotFiltering {
		dst = strconv.AppendBool(dst, p.BotFiltering)
	} else {
		dst = text.Append(dst, "null")
	}
	dst = text.Append(dst, `,"experiments":`)
	dst = appendList(dst, p.Experiments, appendExperiment)
	dst = text.Append(dst, `,"events":`)
	dst = appendList(dst, p.Events, func(dst []byte, e *Event) []byte {
		return append(appendEntity(dst, e.Index, e.ID, e.Key), '}')
	})
	dst = text.Append(dst, `,"attributes":`)
	dst = appendList(dst, p.AttributeKeys, jsontext.AppendQuote)
	return append(dst, '}')
}

func appendExperiment(dst []byte, e *Experiment) []byte {
	dst = appendEntity(dst, e.Index, e.ID, e.Key)
	dst = appendMember(dst, ',', "layerId", e.LayerID)
	dst = appendMember(dst, ',', "status", e.Status)
	dst = strconv.AppendBool(text.Append(dst, `,"isRollout":`), e.Rollout)
	dst = strconv.AppendBool(text.Append(dst, `,"hasFlag":`), e.HasFlag)
	dst = text.Append(dst, `,"variations":`)
	dst = appendList(dst, e.Variations, func(dst []byte, v *Variation) []byte {
		return append(appendEntity(dst, v.Index, v.ID, v.Key), '}')
	})
	return append(dst, '}')
}

// appendEntity begins an object with what all of them have.
func appendEntity(dst []byte, index int, id, key string) []byte {
	dst = strconv.AppendInt(text.Append(dst, `{"index":`), int64(index), 10)
	dst = appendMember(dst, ',', "id", id)
	return appendMember(dst, ',', "key", key)
}

func appendMember(dst []byte, before byte, name, value string) []byte {
	dst = append(text.Append(append(dst, before, '"'), name), '"', ':')
	return jsontext.AppendQuote(dst, value)
}

func appendList[T any](dst []byte, items []T, appendItem func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendItem(dst, item)
	}
	return append(dst, ']')
}
