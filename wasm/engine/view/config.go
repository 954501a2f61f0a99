package view

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
)

// Error says why there is no OptimizelyConfig.
type Error string

func (e Error) Error() string { return string(e) }

// Config writes a project's OptimizelyConfig, but for the datafile itself: experiments and flags under their keys, with their variations
// and variables, and audiences in words. There is an Error where the official SDK shows nothing either: a variation sets a variable that
// no flag has, or audience conditions are no list, or one that begins with `not` and an unknown audience.
func Config(p *datafile.Project) ([]byte, error) {
	c := newConfig(p)
	c.write()
	if c.problem != "" {
		return nil, c.problem
	}
	return c.out, nil
}

// ConfigAnswer writes the same as a host across a boundary needs it: as a member called config, or why there is none as one called
// problem, which the lack of a list is too, as the official JavaScript SDK breaks off there; and warnings, a sentence for each experiment
// that has an earlier one's key. public/sdk/optimizely_config.js reads it.
func ConfigAnswer(p *datafile.Project) []byte {
	c := newConfig(p)
	c.isStrict = true
	c.text("{")
	c.name("config", "")
	c.write()
	if c.problem != "" {
		c.out = c.out[:1]
		c.name("problem", "")
		c.quote(string(c.problem))
	}
	c.list("warnings", c.warnings)
	c.text("}")
	return c.out
}

// roomOfConfig is how many bytes an OptimizelyConfig has for two of the datafile, seldom more.
const roomOfConfig = 5

// config is what OptimizelyConfig is made of.
type config struct {
	writer
	project     *datafile.Project
	listed      []*entity    // audiences
	audiences   index        // by id
	flags       []*entity    // by index
	flagByID    index        // whose variables are shown of its rules
	variables   index        // every flag's, by id
	experiments []experiment // by index
	warnings    []raw        // a text for each experiment that has an earlier one's key
	isStrict    bool         // lists must not be missing
	problem     Error        // the first
}

// experiment is a rule that is shown as an experiment: once in the project, and twice in each flag that lists it. Of a delivery rule, and
// of what has the id of one, from is 0.
type experiment struct {
	key      string
	from, to int // where it was written
}

func newConfig(p *datafile.Project) *config {
	c := &config{project: p, audiences: index{}, flagByID: index{}, variables: index{}, experiments: make([]experiment, len(p.Experiments))}
	c.out = make([]byte, 0, roomOfConfig*len(p.Text)/2)
	c.readAudiences()
	for _, f := range p.Flags {
		e := read(raw(p.FlagSource(f)))
		e.variables = readVariables(e.raw[variables])
		for _, v := range e.variables {
			c.variables.add(v.name(id), v)
		}
		c.flagByID.add(e.name(id), e)
		c.flags = append(c.flags, e)
	}
	return c
}

// write writes the object of the official form, with its members in the official order.
func (c *config) write() {
	e := read(raw(c.project.Text))
	if c.isStrict && !e.raw[featureFlags].isList() {
		c.fail("the datafile has no list of featureFlags")
	}
	for m, otherwise := range []raw{attributes: `[]`, environmentKey: `""`, sdkKey: `""`} {
		if otherwise != "" && (e.raw[m] == "" || e.raw[m] == "null") {
			e.raw[m] = otherwise
		}
	}
	c.text("{")
	c.members(e, ofProject)
	c.name("audiences", "[")
	for _, a := range c.listed {
		c.audience(a)
	}
	c.text("]")
	c.members(e, ofRevision)
	c.name("experimentsMap", "{")
	c.writeExperiments()
	c.text("}")
	c.name("featuresMap", "{")
	for i := range c.flags {
		c.flag(i)
	}
	c.text("}}")
}

// writeExperiments writes what is shown as experiments, with the variables of the first flag that lists each.
func (c *config) writeExperiments() {
	flags := index{}
	for i, f := range c.project.Flags {
		if c.isStrict && !f.HasList {
			c.fail("the flag " + f.Key + " has no list of experimentIds")
		}
		for _, e := range f.Experiments {
			if flags.find(e.ID) == nil {
				flags.add(e.ID, c.ofRules(i))
			}
		}
	}
	seen := index{}
	for i, e := range c.project.Experiments {
		if c.project.ExperimentByID(e.ID).Rollout {
			continue
		}
		rule, flag := read(raw(e.Source())), flags.find(e.ID)
		if flag == nil {
			flag = rule // which has no variables
		}
		shown := &c.experiments[i]
		shown.key = rule.name(key)
		c.name(shown.key, "")
		shown.from = len(c.out)
		c.rule(e, rule, flag.variables)
		shown.to = len(c.out)
		if seen.find(shown.key) != nil {
			c.warnings = append(c.warnings, raw(jsontext.AppendQuote(nil, "Duplicate experiment keys found in datafile: "+shown.key)))
		}
		seen.add(shown.key, rule)
	}
}

// ofRules returns the flag whose variables a flag's rules show: as the official SDK looks it up by id, the last one with that.
func (c *config) ofRules(flag int) *entity { return c.flagByID.find(c.flags[flag].name(id)) }

func (c *config) flag(i int) {
	f, linked := c.flags[i], c.project.Flags[i]
	c.name(f.name(key), "{")
	c.members(f, ofEntity)
	c.name("experimentRules", "[")
	for _, e := range linked.Experiments {
		c.item("")
		c.again(&c.experiments[e.Index])
	}
	c.text("]")
	c.name("deliveryRules", "[")
	if linked.Rollout != nil {
		for _, e := range linked.Rollout.Rules {
			c.item("")
			c.rule(e, read(raw(e.Source())), c.ofRules(i).variables)
		}
	}
	c.text("]")
	c.name("experimentsMap", "{")
	for _, e := range linked.Experiments {
		if shown := &c.experiments[e.Index]; shown.from != 0 {
			c.name(shown.key, "")
			c.again(shown)
		}
	}
	c.text("}")
	c.variablesMap(f.variables)
	c.text("}")
}

// again writes an experiment once more.
func (c *config) again(e *experiment) {
	if e.from == 0 {
		c.text("null")
	} else {
		c.text(string(c.out[e.from:e.to]))
	}
}

// fail keeps the first problem.
func (c *config) fail(problem string) {
	if c.problem == "" {
		c.problem = Error(problem)
	}
}
