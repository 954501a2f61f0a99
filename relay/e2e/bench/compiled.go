package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// compiledBody is how V8 tells of a function it compiled as it was first called, and of its size. Those that turn out to be called often are
// compiled once more, by others than Liftoff, while the page goes on.
var compiledBody = regexp.MustCompile(`using Liftoff.*bodysize (\d+)`)

// countCompiled counts what V8 compiles of the engine until the first decision, and of an empty program until it has started.
func (s *navigationSite) countCompiled(ctx context.Context, t *table) error {
	datafile := filepath.Join(s.dir, "medium.json")
	if err := os.WriteFile(datafile, []byte(s.datafile), 0o600); err != nil {
		return err
	}
	ours, err := compiled(ctx, filepath.Join(sdkFolder, "engine", "engine.wasm"), datafile)
	if err != nil {
		return err
	}
	empty, err := compiled(ctx, filepath.Join(s.dir, "empty.wasm"))
	if err != nil {
		return err
	}
	t.note("functions compiled until the first decision, ours / an empty Go module", ours+" / "+empty)
	return nil
}

// compiled says how many functions V8 compiles of a module, and of what size they are.
func compiled(ctx context.Context, module string, datafile ...string) (string, error) {
	arguments := append([]string{"--trace-wasm-compilation-times", "bench/first_decision.js", module}, datafile...)
	out, err := exec.CommandContext(ctx, "node", arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("counting what is compiled of %s: %w: %.500s", module, err, out)
	}
	all := compiledBody.FindAllSubmatch(out, -1)
	size := 0
	for _, match := range all {
		n, err := strconv.Atoi(string(match[1]))
		if err != nil {
			return "", err
		}
		size += n
	}
	return fmt.Sprintf("%d (%d KB)", len(all), size/1000), nil
}
