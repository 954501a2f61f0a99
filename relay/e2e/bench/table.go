package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// table collects rows and writes them as Markdown, so that the README can quote them as they are.
type table struct {
	rows   [][4]string
	missed []string
}

// add adds a figure and what issue or contract asks of it; met says whether it is kept.
func (t *table) add(what, figure, asked string, met bool) {
	verdict := "yes"
	if !met {
		verdict = "**no**"
		t.missed = append(t.missed, what)
	}
	t.rows = append(t.rows, [4]string{what, figure, asked, verdict})
}

// compare adds what both SDKs take for the same, and how many times faster than the official one ours has to be.
func (t *table) compare(what, unit string, official, ours []float64, atLeast float64) {
	ratio := spreadOf(ratios(official, ours))
	figure := fmt.Sprintf("%s / %s %s = %s", spreadOf(official).format("%.4g"), spreadOf(ours).format("%.3g"), unit, ratio.format("%.3g"))
	t.add(what+", official / ours", figure, fmt.Sprintf("at least %.3g", atLeast), ratio.median >= atLeast)
}

// ratios divides what was measured by turns.
func ratios(a, b []float64) []float64 {
	quotients := make([]float64, len(a))
	for i := range a {
		quotients[i] = a[i] / b[i]
	}
	return quotients
}

// note adds a figure of which nothing is asked.
func (t *table) note(what, figure string) { t.rows = append(t.rows, [4]string{what, figure, "", ""}) }

// write writes the table and fails when an aim was missed.
func (t *table) write(w io.Writer) error {
	rows := append([][4]string{{"what", "measured", "aim", "met"}, {"---", "---", "---", "---"}}, t.rows...)
	for _, row := range rows {
		if _, err := fmt.Fprintf(w, "| %s | %s | %s | %s |\n", row[0], row[1], row[2], row[3]); err != nil {
			return err
		}
	}
	if len(t.missed) > 0 {
		return fmt.Errorf("aims missed: %s", strings.Join(t.missed, "; "))
	}
	return nil
}

// spread is the median of a sample and its ends.
type spread[T cmp.Ordered] struct{ min, median, max T }

func spreadOf[T cmp.Ordered](sample []T) spread[T] {
	s := slices.Sorted(slices.Values(sample))
	return spread[T]{min: s[0], median: s[len(s)/2], max: s[len(s)-1]}
}

// String tells the median and the range, each by the given format.
func (s spread[T]) format(f string) string {
	return fmt.Sprintf(f+" ("+f+"-"+f+")", s.median, s.min, s.max)
}
