package view

import (
	"strconv"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

// Error says why there is no OptimizelyConfig.
type Error string

func (e Error) Error() string { return string(e) }

// Config writes a project's OptimizelyConfig, but for the datafile itself: experiments and flags under their keys, with their variations
// and variables, and audiences in words. It is an object of two members. A list called experiments has each of them once, as the official
// SDK shows the same object wherever it shows one. What is called config has places in that list where experiments are shown, and -1 where
// the official SDK shows undefined, of a rule that is no experiment.
//
// There is an Error where the official SDK shows nothing either: a variation sets a variable that no flag has, or audience conditions are no
// list, or one that begins with `not` and an unknown audience.
func Config(p *datafile.Project) ([]byte, error) {
	c := newConfig(p)
	c.write()
	if c.problem != "" {
		return nil, c.problem
	}
	c.text("}")
	return c.out, nil
}

// ConfigAnswer writes the same as a host across a boundary needs it, or why there is none as a member called problem, which the lack of a
// list is too, as the official JavaScript SDK breaks off there; and warnings, a sentence for each experiment that has an earlier one's key.
// public/sdk/optimizely_config.js reads it.
func ConfigAnswer(p *datafile.Project) []byte {
	c := newConfig(p)
	c.isStrict = true
	c.checkLists()
	c.write()
	if c.problem != "" {
		c.out = c.out[:1]
		c.name("problem", "")
		c.quote(string(c.problem))
	}
	c.warnings()
	c.text("}")
	return c.out
}

// config is what OptimizelyConfig is made of.
type config struct {
	writer
	project    *datafile.Project
	audiences  names.Table[*audience] // by id
	flags      names.Table[*flag]     // by id
	variables  names.Table[*variable] // every flag's, by id
	firstFlags []*flag                // that list each experiment, by its slot
	rule       rule                   // the last that was read
	shown      []*experiment
	shownAs    []*experiment // by index, nil of a delivery rule, and of what has the id of one
	isStrict   bool          // lists of variations must not be missing
	problem    Error         // the first
}

// experiment is a rule that is shown as an experiment.
type experiment struct {
	_      lean.Uncompared
	key    raw
	called string // its key
	place  string // in the list of experiments
}

func newConfig(p *datafile.Project) *config {
	c := &config{project: p, shownAs: make([]*experiment, len(p.Experiments))}
	c.readAudiences()
	c.readFlags()
	c.out = make([]byte, 0, c.link())
	return c
}

// write writes the list of experiments, and the object of the official form, with its members in the official order.
func (c *config) write() {
	p := c.project
	c.text(`{"experiments":[`)
	c.writeExperiments()
	c.text(`],"config":{`)
	c.member(`,"sdkKey":`, raw(p.SDKKeyJSON).or(`""`))
	c.member(`,"environmentKey":`, raw(p.EnvironmentKeyJSON).or(`""`))
	c.member(`,"attributes":`, raw(p.AttributesJSON).or("[]"))
	c.member(`,"audiences":`, "[")
	c.writeAudiences()
	c.text("]")
	c.member(`,"events":`, raw(p.EventsJSON))
	c.member(`,"revision":`, raw(p.RevisionJSON))
	c.member(`,"experimentsMap":`, "{")
	for _, e := range c.shown {
		c.under(e.key, e.place)
	}
	c.text(`},"featuresMap":{`)
	for i := range p.Flags {
		c.flag(i)
	}
	c.text("}}")
}

// writeExperiments writes what is shown as experiments, with the variables of the first flag that lists each.
func (c *config) writeExperiments() {
	for i, e := range c.project.Experiments {
		if c.project.Experiments[e.Slot].Rollout {
			continue
		}
		c.rule.read(c.project, e)
		c.shownAs[i] = &experiment{key: c.rule.key, called: c.rule.key.name(), place: strconv.Itoa(len(c.shown))}
		c.shown = append(c.shown, c.shownAs[i])
		c.writeRule(e, c.firstFlags[e.Slot])
	}
}

// link finds the first flag that lists each experiment. It returns how many bytes there will be at most, nearly always, as a text that grows is
// copied and leaves as much behind: of all but variables there is less than in the datafile; these are shown by each variation.
func (c *config) link() (room int) {
	c.firstFlags = make([]*flag, len(c.project.Experiments))
	room = len(c.project.Text)
	for i, f := range c.project.Flags {
		own := c.ofRules(i)
		room += own.size
		for _, e := range f.Experiments {
			if c.firstFlags[e.Slot] == nil {
				c.firstFlags[e.Slot] = own
				room += own.size * len(e.Variations)
			}
		}
		if f.Rollout != nil {
			for _, e := range f.Rollout.Rules {
				room += own.size * len(e.Variations)
			}
		}
	}
	return room
}

// ofRules returns the flag whose variables a flag's rules show: as the official SDK looks it up by id, the last one with that.
func (c *config) ofRules(i int) *flag { return c.flags.Find(c.flags.Entries[i].called) }

// warnings writes a text for each experiment that has an earlier one's key.
func (c *config) warnings() {
	c.name("warnings", "[")
	called := func(e *experiment) string { return e.called }
	if names.Of(c.shown, called, names.Table[*experiment]{}).Shared {
		c.duplicates()
	}
	c.text("]")
}

//go:noinline
func (c *config) duplicates() {
	for i, e := range c.shown {
		for at := 0; at < i; at++ {
			if c.shown[at].called == e.called {
				c.item("")
				c.quote("Duplicate experiment keys found in datafile: " + e.called)
				break
			}
		}
	}
}

// checkLists fails where a list is missing but for one of variations.
func (c *config) checkLists() {
	if !c.project.HasFlagList {
		c.lacks("the datafile", "", "featureFlags")
	}
	for _, f := range c.project.Flags {
		if !f.HasList {
			c.lacks("the flag ", f.Key, "experimentIds")
		}
	}
}

// fail keeps the first problem. What fails seldom does, and stands in functions of its own that a page need not compile.
func (c *config) fail(problem string) {
	if c.problem == "" {
		c.problem = Error(problem)
	}
}

//go:noinline
func (c *config) lacks(what, key, list string) {
	c.fail(what + key + " has no list of " + list)
}
