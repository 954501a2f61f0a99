package decision

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// ReadSpecial adds to a user, and to a profile, what few users have, from rows of texts, each text behind its length in UTF-16 units, as
// JavaScript counts, and a colon. public/sdk/engine/special.js writes them. The first text of a row says what it is:
//
//	s vip                     a segment that qualifies the user
//	f shelf sort by_price     what is forced for a rule of a flag, by keys; for the flag as a whole, the rule's is noRule
//	v 10 101                  by ids, which variation of an experiment setForcedVariation gave the user
//	h 10 102                  which one they had before, says their profile
//
// which begins with 1:s3:vip. What the project does not have is passed over. It tells whether the text is such rows. The user keeps the
// text alive.
func (u *User) ReadSpecial(text string, project *datafile.Project, profile *Profile) (ok bool) {
	r := texts{rest: text}
	for r.rest != "" {
		switch r.next() {
		case "s":
			u.Segments = append(u.Segments, r.next())
		case "f":
			flag, rule := project.FlagByKey(r.next()), r.next()
			u.Force(Forced{Flag: flag, Rule: rule, HasRule: rule != noRule}, r.next())
		case "v":
			u.Forced = appendAssignment(u.Forced, project, r.next(), r.next())
		case "h":
			profile.Variations = appendAssignment(profile.Variations, project, r.next(), r.next())
		default:
			r.fail()
		}
	}
	return !r.failed
}

// noRule is the official SDK's.
const noRule = "$opt_null_rule_key"

func appendAssignment(all []Assignment, project *datafile.Project, experiment, variation string) []Assignment {
	e, v := project.ExperimentByID(experiment), project.VariationByID(variation)
	if e == nil || v == nil {
		return all
	}
	return append(all, Assignment{Slot: e.Slot, Variation: v})
}

// texts are those that are not read yet.
type texts struct {
	_      lean.Uncompared
	rest   string
	failed bool
}

// next reads a text behind its length; "" from the first mistake on, behind which nothing is read.
func (r *texts) next() string {
	units, at := 0, 0
	for ; at < len(r.rest) && at < maxDigits && '0' <= r.rest[at] && r.rest[at] <= '9'; at++ {
		units = 10*units + int(r.rest[at]-'0')
	}
	if at == 0 || at == len(r.rest) || r.rest[at] != ':' {
		return r.fail()
	}
	start := at + 1
	for at = start; units > 0 && at < len(r.rest); units-- {
		switch c := r.rest[at]; {
		case c < 0x80:
			at++
		case c < 0xE0:
			at += 2
		case c < 0xF0:
			at += 3
		default:
			at += 4
			units-- // it is a pair of surrogates
		}
	}
	if units != 0 || at > len(r.rest) {
		return r.fail()
	}
	s := r.rest[start:at]
	r.rest = r.rest[at:]
	return s
}

// maxDigits is more than the length of any text has.
const maxDigits = 9

func (r *texts) fail() string {
	r.rest, r.failed = "", true
	return ""
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
