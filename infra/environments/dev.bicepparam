using '../main.bicep'

// For trying things out: one zone, paid by request, nobody is woken.
param environment = 'dev'
param location = 'westeurope'
param resilient = false
param nodes = {
  systemSize: 'Standard_D2ads_v6'
  systemCount: { min: 1, max: 2 }
  userSize: 'Standard_D2ads_v6'
  userCount: { min: 1, max: 3 }
}
param privateCluster = false
// Your office or VPN; without it the API server answers the whole internet, though only to those who sign in.
param authorizedIpRanges = ['203.0.113.0/24']
// Object ids of your Entra groups.
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
param dailyLogGigabytes = 1
param defender = false
param throughput = { mode: 'serverless' }
param backup = 'Continuous7Days'
param events = false
param alerts = false
param monthlyBudget = 500
param budgetStart = '2026-12-01'
param alertEmails = ['drones-dev@example.com']
