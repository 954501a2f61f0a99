package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// The project a medium customer has: 100 flags, 50 experiments (7 of them in 3 exclusion groups), about 200 delivery
// rules, 50 audiences, 10 whitelisted visitors. benchExperiment is the one that is timed: every bench user matches
// its audience, and all traffic goes in.
const (
	flagCount       = 100
	experimentCount = 50
	audienceCount   = 50
	groupSizes      = "322" // experiments in each group
	benchExperiment = "bench_exp"
	benchAudience   = "90000"
)

type (
	object = map[string]any
	list   = []any
)

// generator makes the same project from the same seed.
type generator struct {
	rand   *rand.Rand
	nextID int
}

func newGenerator(seed uint64) *generator {
	return &generator{rand: rand.New(rand.NewPCG(seed, seed)), nextID: 10_000_000_000}
}

// id returns the next of the project's ids, all digits as Optimizely's are.
func (g *generator) id() string {
	g.nextID += 1 + g.rand.IntN(90_000)
	return strconv.Itoa(g.nextID)
}

// project generates a datafile, version 4.
func (g *generator) project() object {
	audiences, audienceIDs := g.audiences()
	experiments := list{g.experiment(benchExperiment, []string{benchAudience})}
	for i := 1; i < experimentCount-groupedExperiments(); i++ {
		experiments = append(experiments, g.experiment(fmt.Sprintf("exp_%d", i), g.some(audienceIDs)))
	}
	groups, grouped := g.groups(audienceIDs)
	flags, rollouts := g.flags(append(experimentIDs(experiments), grouped...), audienceIDs)
	return object{
		"version": "4", "revision": "1", "accountId": "12198292375", "projectId": "20410805626",
		"sdkKey": "bench", "environmentKey": "production", "anonymizeIP": true, "botFiltering": false,
		"sendFlagDecisions": true, "attributes": attributes(), "audiences": list{}, "typedAudiences": audiences,
		"groups": groups, "experiments": experiments, "featureFlags": flags, "rollouts": rollouts,
		"events":       list{object{"id": g.id(), "key": "purchase", "experimentIds": experimentIDs(experiments)}},
		"integrations": list{}, "variables": list{},
	}
}

func attributes() list {
	var declared list
	for i, key := range attributeKeys {
		declared = append(declared, object{"id": strconv.Itoa(70000 + i), "key": key})
	}
	return declared
}

func groupedExperiments() int {
	n := 0
	for _, size := range groupSizes {
		n += int(size - '0')
	}
	return n
}

func (g *generator) groups(audienceIDs []string) (groups, ids list) {
	for i, size := range groupSizes {
		var members, traffic list
		for j := range int(size - '0') {
			e := g.experiment(fmt.Sprintf("group_%d_exp_%d", i, j), g.some(audienceIDs))
			members = append(members, e)
			ids = append(ids, e["id"])
			traffic = append(traffic, object{"entityId": e["id"], "endOfRange": (j + 1) * 3000})
		}
		groups = append(groups, object{
			"id": g.id(), "policy": "random", "trafficAllocation": traffic, "experiments": members,
		})
	}
	return groups, ids
}

// experiment makes one with two to four equal variations; every fifth whitelists a visitor.
func (g *generator) experiment(key string, audienceIDs []string) object {
	variations, traffic := list{}, list{}
	n := 2 + g.rand.IntN(3)
	for i := range n {
		id := g.id()
		variations = append(variations, object{
			"id": id, "key": fmt.Sprintf("variation_%d", i), "featureEnabled": i > 0, "variables": list{},
		})
		traffic = append(traffic, object{"entityId": id, "endOfRange": (i + 1) * 10_000 / n})
	}
	whitelist := object{}
	if g.rand.IntN(5) == 0 && key != benchExperiment {
		whitelist[userID(g.rand.IntN(checkUsers))] = "variation_1"
	}
	return object{
		"id": g.id(), "key": key, "status": "Running", "layerId": g.id(), "audienceIds": audienceIDs,
		"variations": variations, "trafficAllocation": traffic, "forcedVariations": whitelist,
	}
}

// flags gives each experiment to a flag, and each flag a rollout of one to three delivery rules.
func (g *generator) flags(experiments list, audienceIDs []string) (flags, rollouts list) {
	for i := range flagCount {
		var rules list
		for j := range 1 + g.rand.IntN(3) {
			rules = append(rules, g.experiment(fmt.Sprintf("rule_%d_%d", i, j), g.some(audienceIDs)))
		}
		rollout := g.id()
		rollouts = append(rollouts, object{"id": rollout, "experiments": rules})
		own := list{}
		if i < len(experiments) {
			own = list{experiments[i]}
		}
		flags = append(flags, object{
			"id": g.id(), "key": fmt.Sprintf("flag_%d", i), "rolloutId": rollout, "experimentIds": own,
			"variables": list{object{"id": g.id(), "key": "title", "type": "string", "defaultValue": "plain"}},
		})
	}
	return flags, rollouts
}

func experimentIDs(experiments list) (ids list) {
	for _, e := range experiments {
		ids = append(ids, e.(object)["id"])
	}
	return ids
}

// some picks none, one or two audiences.
func (g *generator) some(ids []string) []string {
	picked := []string{}
	for range g.rand.IntN(3) {
		picked = append(picked, ids[g.rand.IntN(len(ids))])
	}
	return picked
}
