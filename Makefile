# One entry point per need. `make help` lists them with their settings.
.DEFAULT_GOAL := help
.PHONY: run test bench chaos lint help

# Settings may be given to make or in the environment.
export PORT SILOS DRONES SPEED SEED DATA COSMOS FAST ONLY MINUTES

help:
	@echo 'make run     starts silos, the gateway and a simulated fleet; Ctrl-C stops them'
	@echo '               PORT    port of the gateway (8080); every other port is picked free'
	@echo '               SILOS   number of silo processes (1)'
	@echo '               DRONES  number of simulated drones (20; 0 = none)'
	@echo '               SPEED   how many times faster than real the drones are (60)'
	@echo '               SEED    makes the fleet repeatable (1)'
	@echo '               DATA    folder of the store, the fleet and the logs (.data)'
	@echo '               COSMOS  endpoint or connection string (empty = SQLite file in DATA)'
	@echo 'make test    builds everything and runs every test'
	@echo '               FAST=1  leaves out the slow tests'
	@echo '               ONLY    one test project, such as Cluster.Tests'
	@echo 'make bench   measures speed against baselines'
	@echo '               ONLY    one benchmark'
	@echo 'make chaos   replaces, kills, freezes, starves and cuts off processes under load, and checks that nothing is lost'
	@echo '               ONLY    faults whose test name contains this, such as killed'
	@echo '               MINUTES a random schedule of faults for so long (10 when only SEED is given)'
	@echo '               SEED    makes the schedule repeatable'
	@echo 'make lint    checks formatting and shell scripts'
	@echo 'make help    prints this'

run:
	@tools/run.sh

test:
	@tools/test.sh

bench:
	@echo 'make bench: measures speed, each figure beside its baseline in one run.'
	@echo 'bench/ does not exist yet; there is nothing to measure with.' >&2; exit 2

chaos:
	@tools/chaos.sh

lint:
	@tools/lint.sh
