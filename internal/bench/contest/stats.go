package contest

import (
	"math"
	"slices"
)

// Median returns the middle of the values, or the mean of the two that are in
// the middle. Of no values it is NaN.
func Median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// Spread returns half the distance between the first and the third quartile,
// as a part of the median: how far a figure usually strays.
func Spread(values []float64) float64 {
	if len(values) < 4 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	low, high := Median(sorted[:half]), Median(sorted[len(sorted)-half:])
	if m := Median(sorted); m != 0 {
		return (high - low) / 2 / math.Abs(m)
	}
	return 0
}
