using '../main.bicep'

// As production, but smaller and in one region: what passes load and faults here may go there.
param environment = 'qa'
param location = 'westeurope'
param resilient = true
param nodes = {
  systemSize: 'Standard_D4ads_v6'
  systemCount: { min: 3, max: 3 }
  userSize: 'Standard_D4ads_v6'
  userCount: { min: 3, max: 6 }
}
param privateCluster = true
param groups = {
  clusterAdmins: ['00000000-0000-0000-0000-00000000a001']
  platformEngineers: ['00000000-0000-0000-0000-00000000a002']
  viewers: ['00000000-0000-0000-0000-00000000a003']
  operators: ['00000000-0000-0000-0000-00000000a004']
  deployers: ['00000000-0000-0000-0000-00000000a005']
}
param firewall = false
param registryPublic = true
param logRetentionDays = 30
param dailyLogGigabytes = 10
param defender = true
param throughput = { mode: 'dedicated', sharedMaximum: 4000, dedicatedMaximum: 4000 }
param backup = 'Continuous7Days'
param events = true
param alerts = true
param monthlyBudget = 4000
param budgetStart = '2026-12-01'
param alertEmails = ['drones-qa@example.com']
