package main

import (
	"context"
	"errors"
	"fmt"

	"sortition/relay/e2e/internal/browser"
)

const roundMs = 200

// call is a row that compares a call of both SDKs, and how many times faster than the official one ours has to be.
type call struct {
	name, what string
	atLeast    float64
}

var calls = []call{
	{"newContext", "new context and `decide`, a visitor never seen", 20},
	{"decide", "`decide` on an existing context, each of another visitor", 35},
	{"oneContext", "`decide` on one context, flag after flag", 35},
	{"rollout", "`decide` of a rollout flag", 20},
	{"decideAll", "`decideAll`, 100 flags", 20},
	{"getVariation", "`getVariation` with attributes", 20},
	{"activate", "`activate`, no-op dispatcher", 10},
	{"track", "`track`, no-op dispatcher", 9},
	{"forced", "`decide` of a flag that is forced", 2},
	{"forcedRule", "`decide` of a flag of which a rule is forced", 2},
	{"segments", "`decide` of a user with segments", 3},
	{"remembered", "`decide` of a user who had a variation before", 1.5},
	{"forcedVariation", "`getVariation` of a user with a forced variation", 1.5},
}

// callsOfLarge are those of a project so large that a processor has none of it at hand.
var callsOfLarge = []call{
	{"eachFlag", "`decide` of 1000 flags in turn, each for another visitor", 20},
	{"decideAll", "`decideAll`, 1000 flags", 20},
}

// measureDecisions times the calls of the official SDK and of ours by turns, in a page with the medium datafile and one with the large.
func measureDecisions(ctx context.Context, t *table, rounds int) error {
	if err := measureCalls(ctx, t, "medium", calls, rounds); err != nil {
		return err
	}
	if err := measureSending(ctx, t, rounds); err != nil {
		return err
	}
	return measureCalls(ctx, t, "large", callsOfLarge, rounds)
}

// measureSending times events from the call that tracks them until they were sent, which is more than the call.
func measureSending(ctx context.Context, t *table, rounds int) error {
	p, err := openBenchPage(ctx, "medium")
	if err != nil {
		return err
	}
	defer p.Close()
	official, ours, err := playRounds(p, rounds, "roundOfBatches()")
	if err != nil {
		return fmt.Errorf("sending batches: %w", err)
	}
	t.compare("`track` in batches of ten, until all were sent", "µs", micros(official), micros(ours), 10)
	return nil
}

func measureCalls(ctx context.Context, t *table, size string, calls []call, rounds int) error {
	p, err := openBenchPage(ctx, size)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := compare(p, t, size); err != nil {
		return err
	}
	for _, c := range calls {
		official, ours, err := playRounds(p, rounds, fmt.Sprintf("round(%q, %d)", c.name, roundMs))
		if err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
		t.compare(c.what, "µs", micros(official), micros(ours), c.atLeast)
	}
	return nil
}

// maxBatch is what 100 000 visitors may take in one call, and maxMemory what the engine may with a large project.
const (
	maxBatch  = 20       // ms
	maxMemory = 16 << 20 // bytes
)

// measureBatches times many visitors at once.
func measureBatches(ctx context.Context, t *table, rounds int) error {
	p, err := openBenchPage(ctx, "medium")
	if err != nil {
		return err
	}
	defer p.Close()
	var took []float64
	for range rounds + 1 {
		ms, err := browser.Eval[float64](p.Page, "batch()")
		if err != nil {
			return errors.Join(err, fmt.Errorf("the page says %q", p.Complaints()))
		}
		took = append(took, ms)
	}
	s := spreadOf(took[1:]) // the first warms up
	t.add("100 000 visitors in one `getVariations`", s.format("%.1f")+" ms", fmt.Sprintf("under %d ms", maxBatch), s.median < maxBatch)
	return nil
}

// measureMemory looks at the engine's memory with the large project, and after some million decisions.
func measureMemory(ctx context.Context, t *table, millions int) error {
	p, err := openBenchPage(ctx, "large")
	if err != nil {
		return err
	}
	defer p.Close()
	size, err := browser.Eval[[3]float64](p.Page, fmt.Sprintf("memory(%d)", millions*1_000_000))
	if err != nil {
		return errors.Join(err, fmt.Errorf("the page says %q", p.Complaints()))
	}
	t.add("engine's memory with the large datafile", fmt.Sprintf("%.1f MB", size[0]/(1<<20)), "16 MB", size[0] <= maxMemory)
	t.add(fmt.Sprintf("the same after %d million decisions", millions), fmt.Sprintf("%.1f MB", size[1]/(1<<20)), "no more", size[1] <= size[0])
	t.add("the same once its OptimizelyConfig was asked for", fmt.Sprintf("%.1f MB", size[2]/(1<<20)), "16 MB", size[2] <= maxMemory)
	return nil
}

// compare has the page compare all answers and events before anything is timed.
func compare(p *benchPage, t *table, size string) error {
	same, err := browser.Eval[struct{ Answers, Something, Events int }](p.Page, `compare()`)
	if err != nil {
		return errors.Join(err, fmt.Errorf("the page says %q", p.Complaints()))
	}
	t.note("answers compared on the "+size+" datafile, all equal", fmt.Sprintf("%d (%d of them not null), and %d events", same.Answers, same.Something, same.Events))
	return nil
}

// playRounds has the page measure the official SDK and ours a number of times; the first warms both up.
func playRounds(p *benchPage, rounds int, expression string) (official, ours []float64, err error) {
	for i := range rounds + 1 {
		pair, err := browser.Eval[[2]float64](p.Page, expression)
		if err != nil {
			return nil, nil, errors.Join(err, fmt.Errorf("the page says %q", p.Complaints()))
		}
		if i > 0 {
			official, ours = append(official, pair[0]), append(ours, pair[1])
		}
	}
	return official, ours, nil
}

// micros makes microseconds of nanoseconds.
func micros(sample []float64) []float64 {
	for i := range sample {
		sample[i] /= 1000
	}
	return sample
}

// measureUpdates times a new datafile to the first decision on it, medium and large.
func measureUpdates(ctx context.Context, t *table, rounds int) error {
	for _, c := range []struct {
		size    string
		atLeast float64
	}{{"medium", 1}, {"large", 2}} {
		p, err := openBenchPage(ctx, c.size)
		if err != nil {
			return err
		}
		defer p.Close()
		official, ours, err := playRounds(p, rounds, "update()")
		if err != nil {
			return err
		}
		t.compare("datafile update to the first decision on it, "+c.size, "ms", official, ours, c.atLeast)
	}
	return nil
}
