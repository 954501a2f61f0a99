package decision

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
)

// ReadSpecial adds to a user, and to a profile, what few users have, from JSON whose members may all be missing:
//
//	{
//	  "segments": ["vip"],
//	  "decisions": [{"flag": 0, "variation": "on"}, {"flag": 0, "rule": "sort", "variation": "by_price"}],
//	  "forced": [{"experiment": 0, "variation": 0}],
//	  "remembered": [{"experiment": 0, "variation": 0}]
//	}
//
// that is, the segments that qualify the user; what is forced for a flag or one of its rules; what setForcedVariation gave the user; what
// the profile has. Numbers are indexes of the project's flags, experiments and variations. The error says what is wrong, and where. The
// user keeps the text alive.
func (u *User) ReadSpecial(text string, project *datafile.Project, profile *Profile) error {
	r := specialReader{jsontext.New(text), project}
	r.parser.Object(func(key string) {
		switch key {
		case "segments":
			r.parser.Array(func(int) { u.Segments = append(u.Segments, r.parser.String()) })
		case "decisions":
			r.parser.Array(func(int) { u.Decisions = append(u.Decisions, r.decision()) })
		case "forced":
			r.parser.Array(func(int) { u.Forced = append(u.Forced, r.assignment()) })
		case "remembered":
			r.parser.Array(func(int) { profile.Variations = append(profile.Variations, r.assignment()) })
		default:
			r.parser.Skip()
		}
	})
	return r.parser.End()
}

type specialReader struct {
	parser  *jsontext.Parser
	project *datafile.Project
}

func (r *specialReader) decision() (f Forced) {
	r.parser.Object(func(key string) {
		switch key {
		case "flag":
			f.Flag = indexed(r.parser, r.project.Flags)
		case "rule":
			f.Rule, f.HasRule = r.parser.String(), true
		case "variation":
			f.Variation = r.parser.String()
		default:
			r.parser.Skip()
		}
	})
	return f
}

func (r *specialReader) assignment() (a Assignment) {
	a.Slot = None
	r.parser.Object(func(key string) {
		switch key {
		case "experiment":
			if e := indexed(r.parser, r.project.Experiments); e != nil {
				a.Slot = e.Slot
			}
		case "variation":
			a.Variation = indexed(r.parser, r.project.Variations)
		default:
			r.parser.Skip()
		}
	})
	return a
}

// indexed consumes an index and returns what it stands for. That they are all pointers has the compiler make it once.
func indexed[T any](parser *jsontext.Parser, all []*T) *T {
	if parser.Kind() == jsontext.Number {
		if index := parser.Number(); index >= 0 && index < float64(len(all)) {
			return all[int(index)]
		}
	}
	parser.Fail("is no index of the datafile's")
	return nil
}
