package decision

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// ReadSpecial adds to a user, and to a profile, what few users have, from JSON whose members may all be missing:
//
//	{
//	  "segments": ["vip"],
//	  "decisions": [{"flag": "shelf", "variation": "on"}, {"flag": "shelf", "rule": "sort", "variation": "by_price"}],
//	  "forced": {"10": "101"},
//	  "remembered": {"10": "102"}
//	}
//
// that is, the segments that qualify the user; what is forced for a flag or one of its rules, by keys; and, by ids, which variation of an
// experiment setForcedVariation gave the user, and which one the profile has. What the project does not have is passed over. The error
// says what is wrong with the text, and where. The user keeps the text alive.
func (u *User) ReadSpecial(text string, project *datafile.Project, profile *Profile) error {
	r := specialReader{jsontext.New(text), project}
	r.parser.Object(func(key string) {
		switch key {
		case "segments":
			r.parser.Array(func(int) { u.Segments = append(u.Segments, r.parser.String()) })
		case "decisions":
			r.parser.Array(func(int) { u.Decisions = r.appendDecision(u.Decisions) })
		case "forced":
			u.Forced = r.appendAssignments(u.Forced)
		case "remembered":
			profile.Variations = r.appendAssignments(profile.Variations)
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

func (r *specialReader) appendDecision(all []Forced) []Forced {
	var f Forced
	r.parser.Object(func(key string) {
		switch key {
		case "flag":
			f.Flag = r.project.FlagByKey(r.parser.Text())
		case "rule":
			f.Rule, f.HasRule = r.parser.Text(), true
		case "variation":
			f.Variation = r.parser.Text()
		default:
			r.parser.Skip()
		}
	})
	if f.Flag == nil {
		return all
	}
	return append(all, f)
}

func (r *specialReader) appendAssignments(all []Assignment) []Assignment {
	r.parser.Object(func(id string) {
		e, v := r.project.ExperimentByID(id), r.project.VariationByID(r.parser.Text())
		if e != nil && v != nil {
			all = append(all, Assignment{Slot: e.Slot, Variation: v})
		}
	})
	return all
}

// AppendChanges appends what decisions have added to the profile as JSON, as user profile services keep it: {"10":{"variation_id":"102"}}.
func (p *Profile) AppendChanges(dst []byte, project *datafile.Project) []byte {
	dst = append(dst, '{')
	for i, a := range p.Changes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsontext.AppendQuote(dst, project.Experiments[a.Slot].ID)
		dst = jsontext.AppendQuote(text.Append(dst, `:{"variation_id":`), a.Variation.ID)
		dst = append(dst, '}')
	}
	return append(dst, '}')
}
