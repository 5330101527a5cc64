# The set-up to develop with, on this machine: see docs/runbook.md. The same without make: npm run dev, npm run dev -- ps, and so on.
.PHONY: dev logs ps down

dev logs ps down: node_modules
	@npm run --silent dev -- $(filter-out dev,$@)

node_modules: package.json
	npm install --no-fund --no-audit
	@touch node_modules
