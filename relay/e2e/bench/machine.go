package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"sortition/relay/e2e/internal/browser"
)

// describeMachine names what the figures depend on, in one sentence.
func describeMachine(ctx context.Context) (string, error) {
	b, err := browser.Start(ctx)
	if err != nil {
		return "", err
	}
	chromium, err := b.Version()
	if err := b.Close(); err != nil {
		return "", err
	}
	if err != nil {
		return "", err
	}
	node, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("asking Node.js for its version: %w", err)
	}
	return fmt.Sprintf("%s, %d cores, %s %s/%s, %s, Node.js %s", cpuModel(), runtime.NumCPU(),
		runtime.Version(), runtime.GOOS, runtime.GOARCH, chromium, strings.TrimSpace(string(node))), nil
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	_, after, _ := strings.Cut(string(info), "model name")
	line, _, _ := strings.Cut(after, "\n")
	return strings.Trim(line, " \t:")
}
