package suite

import (
	"regexp"
	"testing"

	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/workload"
)

// TestSimulations plays a trace that is known by heart: keys 0 and 1 in turn
// fit into any cache, so that all but the first two requests are hits.
func TestSimulations(t *testing.T) {
	sequence := make([]uint32, 1000)
	for i := range sequence {
		sequence[i] = uint32(i % 2)
	}
	for _, s := range simulations() {
		if s.name == "ristretto" {
			continue // says itself that a Set may be lost
		}
		if got := simulate(new(contest.Host), s, 100, names(2), sequence); got != 99.8 {
			t.Errorf("%s: %v %% hits, want 99.8", s.name, got)
		}
	}
}

// TestSimulationsAreSane compares ratios on a short trace: more room is never
// much worse, and LRU is the same from whoever it comes.
func TestSimulationsAreSane(t *testing.T) {
	const keys = 2000
	sequence := workload.Zipf(keys, 40_000, seed)
	all := names(keys)
	ratios := make(map[string]float64)
	for _, s := range simulations() {
		small := simulate(new(contest.Host), s, keys/20, all, sequence)
		large := simulate(new(contest.Host), s, keys/4, all, sequence)
		if small <= 20 || large <= small || large >= 98 {
			t.Errorf("%s: %.1f %% hits with room for 5 %% of the keys, %.1f %% with room for 25 %%", s.name, small, large)
		}
		ratios[s.name] = large
	}
	for _, p := range policies {
		if diff := ratios[p.name] - ratios["golang-lru LRU"]; p.lru && (diff < -2 || diff > 2) {
			t.Errorf("%s differs from golang-lru by %.2f points", p.name, diff)
		}
	}
}

// TestBarsNameWhatThereIs finds bars of contests or contenders that do not
// exist.
func TestBarsNameWhatThereIs(t *testing.T) {
	there := make(map[string]bool)
	for _, c := range Contests(&Env{Full: true, Host: new(contest.Host)}) {
		if there[c.Name] {
			t.Errorf("two contests are called %s", c.Name)
		}
		there[c.Name] = true
		if !regexp.MustCompile(`^[a-z0-9=%/-]+$`).MatchString(c.Name) {
			t.Errorf("contest %q: not a name of a benchmark", c.Name)
		}
		for _, contender := range c.Contenders {
			name := c.Name + " " + contender.Name
			if there[name] {
				t.Errorf("%s: two contenders are called %s", c.Name, contender.Name)
			}
			there[name] = true
		}
	}
	for _, b := range bars() {
		for _, contender := range append([]string{b.Ours}, b.Peers...) {
			if !there[b.Contest+" "+contender] {
				t.Errorf("a bar of %s names %q, which does not take part", b.Contest, contender)
			}
		}
	}
}

func TestKeyNames(t *testing.T) {
	for _, i := range []int{0, 7, 99_999, 12_345_678} {
		if got := keyNumber("sessions:" + keyName(i)); got != i {
			t.Errorf("keyNumber of key %d = %d", i, got)
		}
	}
	if a, b := value(1, 64), value(2, 64); string(a) == string(b) || len(a) != 64 {
		t.Errorf("values of two keys: %x and %x", a, b)
	}
}

func TestStampedesOfOurs(t *testing.T) {
	for _, l := range loadings() {
		if l.name != "tunica, namespaced" {
			continue
		}
		for _, d := range disasters {
			h := new(contest.Host)
			figures := stampede(h, d, l.make)
			h.Close()
			if figures[failures] != 0 || figures[stale] != 0 {
				t.Errorf("%s: %v", d.name, figures)
			}
		}
	}
}
