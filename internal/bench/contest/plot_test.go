package contest

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestPlot(t *testing.T) {
	results := []*Result{
		{Contest: "hit/zipf", Contender: "ours & <co>", Figures: map[Unit][]float64{NsPerOp: {90, 100, 100, 110}, AllocsPerOp: {0}}},
		{Contest: "hit/zipf", Contender: "peer", Figures: map[Unit][]float64{NsPerOp: {200, 200, 200, 200}, AllocsPerOp: {1}}},
		{Contest: "hit/zipf", Contender: "absent", Err: errors.New("no server")},
	}
	var b strings.Builder
	WritePlot(&b, results, func(contender string) bool { return strings.HasPrefix(contender, "ours") })
	bars := make(map[string][]string) // widths by class
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			at := make(map[string]string)
			for _, a := range e.Attr {
				at[a.Name.Local] = a.Value
			}
			bars[at["class"]] = append(bars[at["class"]], at["width"])
		}
	}
	if len(bars["bar"]) != 1 || bars["bar"][0] != "420.0" || len(bars["bar ours"]) != 1 || bars["bar ours"][0] != "210.0" {
		t.Errorf("the bars are %v, want the peer's over the whole width and ours half as long", bars)
	}
	for _, want := range []string{"ours &amp; &lt;co&gt;", ">hit/zipf, ns/op<", ">100<", ">200<"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "absent") {
		t.Error("a contender that did not take part has a bar")
	}
}

func TestPlotOfNothing(t *testing.T) {
	var b strings.Builder
	WritePlot(&b, []*Result{{Contest: "x", Contender: "absent", Err: errors.New("no server")}}, func(string) bool { return false })
	if b.Len() != 0 {
		t.Errorf("got %s", b.String())
	}
}
