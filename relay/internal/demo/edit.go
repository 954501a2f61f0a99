package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// span is where a JSON value stands in a text.
type span struct{ start, end int }

func (s span) of(text []byte) []byte { return text[s.start:s.end] }

// edit returns the text with another allocation of the experiment and another revision, and all else as it was.
func edit(text []byte, experimentKey string, allocation []Range, revision string) ([]byte, error) {
	whole := span{0, len(text)}
	root, err := members(text, whole)
	if err != nil {
		return nil, err
	}
	place, err := findAllocation(text, root, experimentKey)
	if err != nil {
		return nil, err
	}
	number, ok := root["revision"]
	if !ok {
		return nil, fmt.Errorf("there is no revision")
	}
	written := strconv.Quote(revision)
	if text[number.start] != '"' {
		written = revision // a hand edit may have left out the quotes
	}
	changes := []change{{number, []byte(written)}, {place, write(text, place, allocation)}}
	return apply(text, changes), nil
}

// change replaces what stands in a span.
type change struct {
	at  span
	new []byte
}

func apply(text []byte, changes []change) []byte {
	slices.SortFunc(changes, func(a, b change) int { return a.at.start - b.at.start })
	var out []byte
	done := 0
	for _, c := range changes {
		out = append(append(out, text[done:c.at.start]...), c.new...)
		done = c.at.end
	}
	return append(out, text[done:]...)
}

// findAllocation finds the allocation of the last experiment with the key, which is the one that counts: those of groups
// come after those of none.
func findAllocation(text []byte, root map[string]span, key string) (found span, err error) {
	all, err := experiments(text, root)
	if err != nil {
		return span{}, err
	}
	for _, experiment := range all {
		members, err := members(text, experiment)
		if err != nil {
			return span{}, err
		}
		if keyOf(text, members) == key {
			found = members["trafficAllocation"]
		}
	}
	if found == (span{}) {
		return span{}, fmt.Errorf("%s has no trafficAllocation", key)
	}
	return found, nil
}

// experiments tells where all experiments stand, those of groups last.
func experiments(text []byte, root map[string]span) ([]span, error) {
	all, err := elements(text, root["experiments"])
	if err != nil {
		return nil, err
	}
	groups, err := elements(text, root["groups"])
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		members, err := members(text, group)
		if err != nil {
			return nil, err
		}
		more, err := elements(text, members["experiments"])
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

func keyOf(text []byte, members map[string]span) (key string) {
	_ = json.Unmarshal(members["key"].of(text), &key) // what is no text is not the key that is looked for
	return key
}

// members tells where the values of an object's members stand; of two with one name the last.
func members(text []byte, object span) (map[string]span, error) {
	found := map[string]span{}
	err := values(text, object, '{', func(name string, value span) { found[name] = value })
	return found, err
}

// elements tells where an array's elements stand; there are none in an array that is not there.
func elements(text []byte, array span) (found []span, err error) {
	if array == (span{}) {
		return nil, nil
	}
	err = values(text, array, '[', func(_ string, value span) { found = append(found, value) })
	return found, err
}

// values calls each for every value directly inside an object or array, with its name if it has one.
func values(text []byte, inside span, open json.Delim, each func(name string, value span)) error {
	decoder := json.NewDecoder(bytes.NewReader(inside.of(text)))
	if token, err := decoder.Token(); err != nil || token != open {
		return fmt.Errorf("a %v is missing (%w)", open, err)
	}
	for decoder.More() {
		name := ""
		if open == '{' {
			token, err := decoder.Token()
			if err != nil {
				return err
			}
			name, _ = token.(string)
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return err
		}
		end := inside.start + int(decoder.InputOffset())
		each(name, span{end - len(raw), end})
	}
	return nil
}

// write writes an allocation as the one it replaces is written: on one line, or a range on each.
func write(text []byte, old span, allocation []Range) []byte {
	var ranges []string
	lines := bytes.Contains(old.of(text), []byte("\n")) && len(allocation) > 0
	for _, r := range allocation {
		id, _ := json.Marshal(r.EntityID) // text always can be
		form := `{"entityId":%s,"endOfRange":%d}`
		if lines {
			form = `{ "entityId": %s, "endOfRange": %d }`
		}
		ranges = append(ranges, fmt.Sprintf(form, id, r.EndOfRange))
	}
	if !lines {
		return []byte("[" + strings.Join(ranges, ",") + "]")
	}
	outer := indent(text, old.start)
	inner := outer + "  "
	if before, err := elements(text, old); err == nil && len(before) > 0 {
		inner = indent(text, before[0].start)
	}
	return []byte("[\n" + inner + strings.Join(ranges, ",\n"+inner) + "\n" + outer + "]")
}

// indent is the white space that begins the line of a place.
func indent(text []byte, at int) string {
	line := text[bytes.LastIndexByte(text[:at], '\n')+1 : at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}
