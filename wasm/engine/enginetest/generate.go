package enginetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Size says how much a generated project has.
type Size struct {
	Flags       int // each with a rollout of one to three delivery rules
	Experiments int // standalone and grouped, each of a flag while there are enough flags
	Groups      int // exclusion groups of three experiments
	Audiences   int
	Padding     int // more attributes than audiences ask for
}

// The sizes that measurements speak of: a first try, what most customers have, and the largest datafiles, of about 2 MB.
var (
	Small  = Size{Flags: 5, Experiments: 3, Audiences: 3}
	Medium = Size{Flags: 100, Experiments: 50, Groups: 3, Audiences: 50, Padding: 10}
	Large  = Size{Flags: 1000, Experiments: 500, Groups: 44, Audiences: 300, Padding: 30}
)

// What every generated project has for measuring: an experiment whose audience asks for four attributes, of a flag that has it alone,
// and a flag that only delivers, to the same audience. Visitors of Generator.Matching meet it, and all traffic goes in.
const (
	MeasuredExperiment = "measured_experiment"
	MeasuredVariation  = "variation_1" // of that experiment
	MeasuredFlag       = "measured_flag"
	MeasuredRollout    = "measured_rollout"
	MeasuredEvent      = "purchase"
	measuredAudience   = "90000"
)

const groupSize = 3

type (
	object = map[string]any
	list   = []any
)

// Generator makes the same projects and visitors from the same seed.
type Generator struct {
	rand   *rand.Rand
	nextID int
}

// NewGenerator returns a generator that has made nothing yet.
func NewGenerator(seed uint64) *Generator {
	return &Generator{rand: rand.New(rand.NewPCG(seed, seed)), nextID: 10_000_000_000}
}

// id returns the next of the project's ids, all digits as Optimizely's are.
func (g *Generator) id() string {
	g.nextID += 1 + g.rand.IntN(90_000)
	return strconv.Itoa(g.nextID)
}

// Datafile generates a datafile of version 4.
func (g *Generator) Datafile(size Size) string {
	audiences, audienceIDs := g.audiences(size.Audiences)
	flags := g.flagList(size.Flags)
	experiments := g.experiments(size.Experiments-size.Groups*groupSize, flags, audienceIDs)
	groups := g.groups(size.Groups, flags[len(experiments):], audienceIDs)
	text, err := json.Marshal(object{
		"version": "4", "revision": "1", "accountId": "12198292375", "projectId": "20410805626",
		"sdkKey": "measured", "environmentKey": "production", "anonymizeIP": true, "botFiltering": false,
		"sendFlagDecisions": true, "attributes": declared(size.Padding), "audiences": list{}, "typedAudiences": audiences,
		"groups": groups, "experiments": experiments, "featureFlags": flags, "rollouts": g.rollouts(flags, audienceIDs),
		"events":       list{object{"id": g.id(), "key": MeasuredEvent, "experimentIds": list{}}},
		"integrations": list{}, "variables": list{},
	})
	if err != nil {
		panic(err) // plain values always marshal
	}
	return string(text)
}

// ExperimentKeys returns the keys of the experiments that a project of a size has, and one that it has not.
func ExperimentKeys(size Size) []string {
	keys := []string{MeasuredExperiment, "no_such_experiment"}
	for i := 1; i < size.Experiments; i++ {
		keys = append(keys, experimentKey(i))
	}
	return keys
}

func experimentKey(i int) string { return "experiment_" + strconv.Itoa(i) }

// flagList makes flags without rules.
func (g *Generator) flagList(n int) (flags list) {
	for i := range n {
		key := "flag_" + strconv.Itoa(i)
		switch i {
		case 0:
			key = MeasuredFlag
		case n - 1:
			key = MeasuredRollout
		}
		flags = append(flags, object{
			"id": g.id(), "key": key, "rolloutId": "", "experimentIds": list{}, "variables": g.variables(),
		})
	}
	return flags
}

// variables makes up to five, of each type at most one.
func (g *Generator) variables() (variables list) {
	variables = list{}
	for i, v := range []struct{ kind, value string }{
		{"string", "plain"}, {"integer", "10"}, {"boolean", "false"}, {"double", "2.5"}, {"json", `{"columns":3,"sort":["price","name"]}`},
	} {
		if g.rand.IntN(2) == 0 || i == 0 {
			variable := object{"id": g.id(), "key": v.kind + "_value", "type": v.kind, "defaultValue": v.value}
			if v.kind == "json" { // as Optimizely writes it
				variable["type"], variable["subType"] = "string", "json"
			}
			variables = append(variables, variable)
		}
	}
	return variables
}

// experiments makes standalone ones, of one flag each.
func (g *Generator) experiments(n int, flags list, audienceIDs []string) (experiments list) {
	for i := range n {
		key, audiences := experimentKey(i), g.some(audienceIDs)
		if i == 0 {
			key, audiences = MeasuredExperiment, []string{measuredAudience}
		}
		experiments = append(experiments, g.rule(key, audiences, flags[i].(object)))
	}
	return experiments
}

func (g *Generator) groups(n int, flags list, audienceIDs []string) list {
	groups := list{}
	for i := range n {
		var members, traffic list
		for j := range groupSize {
			e := g.rule(fmt.Sprintf("grouped_%d_%d", i, j), g.some(audienceIDs), flags[i*groupSize+j].(object))
			members = append(members, e)
			traffic = append(traffic, object{"entityId": e["id"], "endOfRange": (j + 1) * 3000})
		}
		groups = append(groups, object{"id": g.id(), "policy": "random", "trafficAllocation": traffic, "experiments": members})
	}
	return groups
}

// rule makes an experiment with two to four equal variations and lists it with its flag; every fifth whitelists a visitor.
func (g *Generator) rule(key string, audienceIDs []string, flag object) object {
	e := g.delivery(key, audienceIDs, flag, 2+g.rand.IntN(3))
	if g.rand.IntN(5) == 0 && key != MeasuredExperiment {
		e["forcedVariations"] = object{visitorID(g.rand.IntN(1000)): "variation_1"}
	}
	flag["experimentIds"] = list{e["id"]}
	return e
}

// delivery makes a rule that shares all traffic out among its variations.
func (g *Generator) delivery(key string, audienceIDs []string, flag object, n int) object {
	variations, traffic := list{}, list{}
	for i := range n {
		id := g.id()
		variations = append(variations, object{
			"id": id, "key": fmt.Sprintf("variation_%d", i), "featureEnabled": i > 0 || n == 1, "variables": g.values(flag, i),
		})
		traffic = append(traffic, object{"entityId": id, "endOfRange": (i + 1) * 10_000 / n})
	}
	return object{
		"id": g.id(), "key": key, "status": "Running", "layerId": g.id(), "audienceIds": audienceIDs,
		"variations": variations, "trafficAllocation": traffic, "forcedVariations": object{},
	}
}

// values gives a variation values for the flag's variables of text.
func (g *Generator) values(flag object, variation int) list {
	values := list{}
	for _, v := range flag["variables"].(list) {
		if v := v.(object); strings.HasPrefix(v["key"].(string), "string") {
			values = append(values, object{"id": v["id"], "value": fmt.Sprintf("text %d of %v", variation, flag["key"])})
		}
	}
	return values
}

// rollouts gives each flag one of one to three rules, the last for everyone.
func (g *Generator) rollouts(flags list, audienceIDs []string) (rollouts list) {
	for _, flag := range flags {
		flag := flag.(object)
		var rules list
		for j := range 1 + g.rand.IntN(3) {
			audiences := g.some(audienceIDs)
			if j == 0 && flag["key"] == MeasuredRollout {
				audiences = []string{measuredAudience}
			}
			rules = append(rules, g.delivery(fmt.Sprintf("delivery_%v_%d", flag["key"], j), audiences, flag, 1))
		}
		id := g.id()
		flag["rolloutId"] = id
		rollouts = append(rollouts, object{"id": id, "experiments": append(rules, g.delivery("everyone_"+flag["key"].(string), []string{}, flag, 1))})
	}
	return rollouts
}

// some picks none, one or two audiences.
func (g *Generator) some(ids []string) []string {
	picked := []string{}
	for range g.rand.IntN(3) {
		picked = append(picked, ids[g.rand.IntN(len(ids))])
	}
	return picked
}
