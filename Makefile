# `make` lists the targets. CI is .ci/run, which runs some of them.

FUZZTIME ?= 60s
MODELCASES ?= 1000000
BENCH ?=
BENCHFLAGS ?= -benchtime=1s -count=1
BENCHOUT ?= internal/bench/results
LOADTIME ?= 10m
LOADOUT ?= internal/e2e/load/profiles
REPORTFLAGS ?=
TESTFLAGS ?=

ALL = github.com/tunica-go/tunica/...
BIN = .tools/bin
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: help test laws faults allocs redis vet fmt static fix tidy standalone imports quickstart fuzz soak load bench bench-full lint vuln tools format

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

test: ## run the tests of all modules, on a real Redis that is found or got
	@internal/scripts/test.sh $(TESTFLAGS)

laws: ## show that each case of the suites catches what is broken: a table of cases and specimens
	@cd storage/storagetest && go test -count=1 -run '^Test(Specimens|EveryCaseHasASpecimen)$$' -laws

redis: ## find a Redis or Valkey server, or get one, and print its path
	@internal/scripts/redis.sh

faults: ## print what each operation makes of each fault of Redis, on one server, Sentinel and a Cluster, and of the death of a master
	@internal/scripts/faults.sh

allocs: ## run the tests that count allocations, and others that the race detector prevents
	go test -count=1 -run 'Alloc|StressSlow' $(ALL)

vet: ## go vet, for this system, and without the benchmarks for Windows and macOS
	go vet $(ALL)
	GOOS=windows go vet $$(go list $(ALL) | grep -v /internal/bench)
	GOOS=darwin go vet $$(go list $(ALL) | grep -v /internal/bench)

fmt: tools ## say which files gofumpt would change
	@out=$$($(BIN)/gofumpt -l .); if [ -n "$$out" ]; then echo "run make format for:"; echo "$$out"; exit 1; fi

format: tools ## format all files with gofumpt
	$(BIN)/gofumpt -w .

static: tools ## staticcheck
	$(BIN)/staticcheck $(ALL)

fix: ## say what go fix would change
	go fix -diff $(ALL)

tidy: ## say where a go.mod or go.sum is not tidy
	@go list -m -f '{{.Dir}}' | while read -r dir; do (cd "$$dir" && go mod tidy -diff) || exit 1; done

standalone: ## build each module without go.work, as its users do
	@go list -m -f '{{.Dir}}' | while read -r dir; do (cd "$$dir" && GOWORK=off go build ./...) || exit 1; done

imports: ## check who imports whom
	go test -count=1 ./internal/layers

quickstart: ## run the quickstart on memory and on Redis, and compare
	@internal/scripts/quickstart.sh

fuzz: ## run each fuzz target for FUZZTIME (60s), and MODELCASES (1000000) of the model
	@FUZZTIME=$(FUZZTIME) MODELCASES=$(MODELCASES) internal/scripts/fuzz.sh

soak: ## take every schedule of the cache, and the guards out of the code, one at a time (an hour)
	@internal/scripts/soak.sh

load: ## put a plugin host on Redis under load for LOADTIME (10m), which must not grow; its profiles go into LOADOUT
	@cd internal/e2e && TUNICA_REQUIRE_REDIS=1 TUNICA_REDIS_SERVER=$$(../scripts/redis.sh) go test ./load -run '^TestLoad$$' -count=1 -v -timeout 0 \
		-load.for '$(LOADTIME)' -load.profiles '$(abspath $(LOADOUT))'

bench: ## compare with the peers, in short, into BENCHOUT; or, with BENCH=., run Go's benchmarks that match BENCH
	@server=$$(internal/scripts/redis.sh) && if [ -n '$(BENCH)' ]; then \
		TUNICA_REDIS_SERVER=$$server go test -run '^$$' -bench '$(BENCH)' -benchmem $(BENCHFLAGS) $(ALL); \
	else \
		TUNICA_REDIS_SERVER=$$server go run ./internal/bench/report -out '$(BENCHOUT)' $(REPORTFLAGS); \
	fi

bench-full: ## compare with the peers, the whole matrix, into BENCHOUT
	@$(MAKE) --no-print-directory bench BENCH= REPORTFLAGS='-full $(REPORTFLAGS)'

lint: ## golangci-lint (takes minutes to build)
	go run $(GOLANGCI_LINT) run $$(go list -m -f '{{.Dir}}/...')

vuln: ## govulncheck
	go run $(GOVULNCHECK) $(ALL)

tools: # the pinned linters of internal/tools
	@cd internal/tools && GOWORK=off go build -o ../../$(BIN)/ tool
