package event

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
)

// Tag is one of the details a conversion is tracked with. The tags revenue and value have a meaning of their own.
type Tag struct {
	_     lean.Uncompared
	Key   string
	Value audience.Value
	Raw   string // JSON text of a Value of Kind Other, such as `[7]`
}

func readTag(key string, p *jsontext.Parser) Tag {
	if k := p.Kind(); k == jsontext.Array || k == jsontext.Object {
		return Tag{Key: key, Value: audience.Value{Kind: audience.Other}, Raw: p.Raw()}
	}
	return Tag{Key: key, Value: audience.ReadValue(p)}
}

// ReadTags reads tags from a JSON object, in its order; an empty one has tags, but none in it. The error says what is wrong with the
// text, and where.
func ReadTags(object string) (tags []Tag, err error) {
	tags = []Tag{}
	err = audience.ReadMembers(object, func(key string, value audience.Value, source string) {
		tags = append(tags, Tag{Key: key, Value: value, Raw: source})
	})
	return tags, err
}

// appendTags writes the tags as an object. Those that are null or absent are no tags.
func appendTags(dst []byte, tags []Tag) []byte {
	dst = append(dst, '{')
	for i := range tags {
		if t := &tags[i]; t.Value.Kind != audience.Absent && t.Value.Kind != audience.Null {
			dst = append(jsontext.AppendQuote(appendComma(dst), t.Key), ':')
			dst = t.appendValue(dst)
		}
	}
	return append(dst, '}')
}

func (t *Tag) appendValue(dst []byte) []byte {
	if t.Value.Kind == audience.Other && t.Raw != "" {
		return append(dst, t.Raw...)
	}
	return appendValue(dst, t.Value)
}
