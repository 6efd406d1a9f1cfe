// Package contest measures contenders against each other in one run.
//
// A contest has contenders that do the same work. It runs in rounds: in each
// one every contender has one slot, in an order that chance decides anew, so
// that what disturbs the machine for a while disturbs all of them. A figure is
// the median of a contender's slots, and a comparison is the ratio of two such
// medians of the same run.
package contest
