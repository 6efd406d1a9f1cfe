package contest

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// The sizes of a plot, in pixels.
const (
	plotWidth  = 760
	plotLabels = 250 // of which the names take so much
	plotValues = 90  // and the figures so much
	plotRow    = 22
	plotTop    = 34
)

// WritePlot writes the results of one contest as an SVG picture: a bar for each
// contender, as long as its median in the first unit of the table, and a line for
// how far its figures usually stray. Those that ours reports are coloured.
func WritePlot(w io.Writer, results []*Result, ours func(contender string) bool) {
	shown := slices.DeleteFunc(slices.Clone(results), func(r *Result) bool { return r.Err != nil })
	if len(shown) == 0 {
		return
	}
	unit := columns(shown)[0]
	most := 0.0
	for _, r := range shown {
		_, high := usual(r.Figures[unit])
		most = max(most, high)
	}
	height := plotTop + plotRow*len(shown) + 8
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img">
<style>
text { fill: #24292f } .bar { fill: #9aa4b0 } .ours { fill: #2f81f7 } line { stroke: #24292f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #4493f8 } line { stroke: #e6edf3 } }
</style>
<title>%[3]s</title>
<text x="8" y="18" font-weight="bold">%[3]s, %s</text>
`, plotWidth, height, text(results[0].Contest), text(string(unit)))
	length := func(f float64) float64 {
		if most == 0 {
			return 0
		}
		return f / most * (plotWidth - plotLabels - plotValues)
	}
	for i, r := range shown {
		y := plotTop + i*plotRow
		class, middle := "bar", y+plotRow/2
		if ours(r.Contender) {
			class = "bar ours"
		}
		median := r.Median(unit)
		low, high := usual(r.Figures[unit])
		fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end">%s</text>
<rect class="%s" x="%d" y="%d" width="%.1f" height="%d"/>
<line x1="%.1f" x2="%.1f" y1="%d" y2="%[11]d"/>
<text x="%.1f" y="%d">%s</text>
`, plotLabels-8, middle+4, text(r.Contender), class, plotLabels, y+3, length(median), plotRow-6,
			plotLabels+length(low), plotLabels+length(high), middle, plotLabels+length(high)+6, middle+4, number(median))
	}
	fmt.Fprintln(w, "</svg>")
}

// usual returns the ends of what figures usually are.
func usual(figures []float64) (low, high float64) {
	m := Median(figures)
	if math.IsNaN(m) {
		return 0, 0
	}
	half := m * Spread(figures)
	return max(0, m-half), m + half
}

// text returns s as it stands in XML.
func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
