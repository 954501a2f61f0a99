package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A boundary has twins: what Go and JavaScript both say of it is compared here, as text.

func TestFrameLayoutIsTheSameOnBothSides(t *testing.T) {
	var inGo []string
	for _, file := range []string{"frame.go", "ring.go"} {
		inGo = append(inGo, names(t, file, `(?m)^\t((?:frame|no|as|with|goes|user|is)\w+)\s+= (-?\d+)`)...)
	}
	inJS := names(t, "../public/sdk/engine/layout.js", `(?m)^export const ((?:frame|no|as|with|goes|user|is)\w+) = (-?\d+);$`)
	compare(t, inGo, inJS)
}

func TestFrameSaysTheSameOnBothSides(t *testing.T) {
	compare(t, paragraph(t, "frame.go", "// A frame", "//"), paragraph(t, "../public/sdk/engine/frame.js", " * A frame", " *"))
	compare(t, paragraph(t, "ring.go", "// A ring", "//"), paragraph(t, "../public/sdk/engine/ring.js", " * A ring", " *"))
}

func TestExportsAreTheSameOnBothSides(t *testing.T) {
	inGo := names(t, "exports.go", `(?m)^//go:wasmexport (\w+)$`)
	inJS := names(t, "../public/sdk/engine/exports.js", `(?m)^ \* @property \{\([^)]*\) => number\} (\w+)`)
	compare(t, inGo, inJS)
}

func TestSourcesAreTheSameOnBothSides(t *testing.T) {
	inGo := names(t, "engine/decision/decision.go", `"(feature-test)", "(rollout)", "(holdout)"`)
	inJS := names(t, "../public/sdk/engine/sources.js", `(?m)^  '([\w-]+)',$`)
	compare(t, strings.Fields(strings.Join(inGo, " ")), inJS)
}

func TestStepsAreTheSameOnBothSides(t *testing.T) {
	block := regexp.MustCompile(`(?s)\tflagForced reason = iota\n.*?\n\)`).FindString(read(t, "engine/decision/reasons.go"))
	var inGo []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)`).FindAllStringSubmatch(block, -1) {
		inGo = append(inGo, m[1])
	}
	compare(t, inGo, names(t, "../public/sdk/engine/steps.js", `(?m)^  '(\w+)',$`))
	compare(t, names(t, "engine/decision/steps.go", `(?m)^const StepSize = (\d+)$`), names(t, "../public/sdk/engine/steps.js", `(?m)^export const STEP_SIZE = (\d+);$`))
}

func TestNoneIsTheSameOnBothSides(t *testing.T) {
	compare(t, names(t, "engine/datafile/digest.go", `(?m)^\tNone +?= (-\d)$`), names(t, "../public/sdk/engine/exports.js", `(?m)^export const NONE = (-\d);$`))
}

// names returns the groups of every match, joined by spaces.
func names(tb testing.TB, file, pattern string) (found []string) {
	tb.Helper()
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(tb, file), -1) {
		found = append(found, strings.Join(m[1:], " "))
	}
	return found
}

// paragraph returns the words of the comment paragraph that starts with start, file names apart.
func paragraph(tb testing.TB, file, start, prefix string) (words []string) {
	tb.Helper()
	lines := strings.Split(read(tb, file), "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, start) {
			continue
		}
		for ; strings.TrimSpace(strings.TrimPrefix(lines[i], prefix)) != ""; i++ {
			for _, word := range strings.Fields(strings.TrimPrefix(lines[i], prefix)) {
				if !strings.Contains(word, "frame.") && !strings.Contains(word, "ring.") {
					words = append(words, word)
				}
			}
		}
		return words
	}
	tb.Fatalf("%s has no paragraph that starts with %q", file, start)
	return nil
}

func compare(tb testing.TB, inGo, inJS []string) {
	tb.Helper()
	if len(inGo) == 0 {
		tb.Fatal("nothing found on the Go side")
	}
	if a, b := strings.Join(inGo, "\n"), strings.Join(inJS, "\n"); a != b {
		tb.Errorf("in Go:\n%s\nin JavaScript:\n%s", a, b)
	}
}

func read(tb testing.TB, file string) string {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}
