package view

import (
	"strconv"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
)

// Rule writes an experiment, a delivery rule or a holdout as the official SDK passes it to whoever listens for activations: the datafile's
// object, with what that adds to it while it parses. Of experiments that share an id it is the last.
func Rule(p *datafile.Project, e *datafile.Experiment) []byte {
	if !e.Rollout {
		e = p.Rules[e.Slot]
	}
	place := e.Index - len(p.Experiments) // among holdouts
	isHoldout := place >= 0
	isGlobal := isHoldout && place < len(p.GlobalHoldouts)
	w := &writer{out: []byte("{")}
	source := jsontext.New(e.Source())
	source.Object(func(name string) {
		if value := source.Raw(); !isGlobal || name != "includedRules" {
			w.name(name, value)
		}
	})
	rule := raw(e.Source())
	sources := variationSources(p, e)
	switch {
	case isHoldout:
		w.name("includedFlags", "[]")
		w.name("excludedFlags", "[]")
	case e.Rollout:
		w.name("isRollout", "true")
	case e.Group != nil:
		w.member(`,"groupId":`, groupID(p, e.Group))
	}
	if added := sources[len(e.Own()):]; len(added) > 0 {
		w.list("variations", sources)
		w.traffic(rule.member("trafficAllocation").items(), added)
	}
	w.name("variationKeyMap", "{")
	for _, source := range sources {
		w.under(source.member("key"), string(source))
	}
	w.text("}")
	if isHoldout {
		w.name("isGlobal", strconv.FormatBool(isGlobal))
	}
	w.text("}")
	return w.out
}

// Variation writes a variation as the datafile has it.
func Variation(p *datafile.Project, v *datafile.Variation) []byte {
	return []byte(variationSource(p, v))
}

// variationSources returns the JSON of a rule's variations: those of its list, and what flags add to a feature rollout.
func variationSources(p *datafile.Project, e *datafile.Experiment) []raw {
	sources := raw(e.Source()).member("variations").items()
	for _, v := range e.Variations[len(e.Own()):] {
		sources = append(sources, variationSource(p, v))
	}
	return sources
}

// traffic writes the allocation of a feature rollout: what its own ranges leave over is for the variations that flags add.
func (w *writer) traffic(own, added []raw) {
	w.name("trafficAllocation", "[")
	for _, source := range own {
		w.item(string(source))
	}
	for _, source := range added {
		w.item("{")
		w.member(`,"entityId":`, source.member("id"))
		w.name("endOfRange", "10000}")
	}
	w.text("]")
}

// groupID is a group's id as the datafile writes it, nothing where it has none.
func groupID(p *datafile.Project, g *datafile.Group) raw {
	all := raw(p.Text).member("groups").items()
	for i, other := range p.Groups {
		if other == g {
			return all[i].member("id")
		}
	}
	return ""
}
