using '../main.bicep'

// Where the pipeline tries every change: small, with one budget of throughput for all containers.
param environment = 'test'
param location = 'westeurope'
param resilient = false
param nodes = {
  systemSize: 'Standard_D2ads_v6'
  systemCount: { min: 1, max: 2 }
  userSize: 'Standard_D4ads_v6'
  userCount: { min: 1, max: 4 }
}
param privateCluster = false
param authorizedIpRanges = ['203.0.113.0/24']
param groups = {
  clusterAdmins: ['00000000-0000-0000-0000-00000000d001']
  platformEngineers: ['00000000-0000-0000-0000-00000000d002']
  viewers: ['00000000-0000-0000-0000-00000000d003']
  operators: ['00000000-0000-0000-0000-00000000d004']
  deployers: ['00000000-0000-0000-0000-00000000d005']
}
param firewall = false
param registryPublic = true
param logRetentionDays = 30
param dailyLogGigabytes = 2
param defender = false
param throughput = { mode: 'shared', sharedMaximum: 4000 }
param backup = 'Continuous7Days'
param events = true
param alerts = false
param monthlyBudget = 1000
param budgetStart = '2026-12-01'
param alertEmails = ['drones-test@example.com']
