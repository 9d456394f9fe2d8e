using '../main.bicep'

// Three zones, a second region for the store, everything private, a firewall in front.
param environment = 'production'
param location = 'westeurope'
param resilient = true
param nodes = {
  systemSize: 'Standard_D4ads_v6'
  systemCount: { min: 3, max: 6 }
  userSize: 'Standard_D8ads_v6'
  userCount: { min: 3, max: 12 }
}
param privateCluster = true
param groups = {
  clusterAdmins: ['00000000-0000-0000-0000-00000000f001']
  platformEngineers: ['00000000-0000-0000-0000-00000000f002']
  viewers: ['00000000-0000-0000-0000-00000000f003']
  operators: ['00000000-0000-0000-0000-00000000f004']
  deployers: ['00000000-0000-0000-0000-00000000f005']
}
param firewall = true
param registryReplicas = ['northeurope']
param registryPublic = false
param logRetentionDays = 90
param dailyLogGigabytes = 50
param defender = true
param throughput = { mode: 'dedicated', sharedMaximum: 4000, dedicatedMaximum: 10000 }
param secondRegion = 'northeurope'
param backup = 'Continuous30Days'
param events = true
param alerts = true
param monthlyBudget = 12000
param budgetStart = '2026-12-01'
param alertEmails = ['drones-oncall@example.com']
