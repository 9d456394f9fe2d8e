metadata description = 'Where logs, traces and metrics go, who is told of an alert, and what it may cost.'

import { tagsType } from '../shared/names.bicep'
import { roles } from '../shared/roles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Ending of every name, such as drones-production.')
param suffix string

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int

@description('Most gigabytes of logs a day; what comes after is dropped until the next day. -1: no limit.')
param dailyLogGigabytes int

@description('E-mail addresses that are told of alerts.')
param alertEmails string[]

@description('Object ids of Entra groups whose members administer dashboards.')
param dashboardAdminGroupIds string[]

@description('Whether dashboards are replicated over zones.')
param zoneRedundant bool

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: logRetentionDays
    workspaceCapping: { dailyQuotaGb: dailyLogGigabytes }
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource workspaceDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: workspace
  properties: { workspaceId: workspace.id, logs: [{ categoryGroup: 'audit', enabled: true }] }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // Silos and gateways report with the connection string from the vault.
    DisableLocalAuth: false
    IngestionMode: 'LogAnalytics'
  }
}

resource prometheus 'Microsoft.Monitor/accounts@2023-04-03' = {
  name: 'amw-${suffix}'
  location: location
  tags: tags
}

resource grafana 'Microsoft.Dashboard/grafana@2024-10-01' = {
  name: take('amg-${suffix}', 23)
  location: location
  tags: tags
  sku: { name: 'Standard' }
  identity: { type: 'SystemAssigned' }
  properties: {
    zoneRedundancy: zoneRedundant ? 'Enabled' : 'Disabled'
    apiKey: 'Disabled'
    grafanaIntegrations: { azureMonitorWorkspaceIntegrations: [{ azureMonitorWorkspaceResourceId: prometheus.id }] }
  }
}

resource grafanaDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: grafana
  properties: { workspaceId: workspace.id, logs: [{ categoryGroup: 'allLogs', enabled: true }] }
}

resource grafanaReadsMetrics 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(prometheus.id, grafana.id, roles.monitoringDataReader)
  scope: prometheus
  properties: {
    principalId: grafana.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringDataReader)
  }
}

resource dashboardAdmins 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for group in dashboardAdminGroupIds: {
    name: guid(grafana.id, group, roles.grafanaAdmin)
    scope: grafana
    properties: {
      principalId: group
      principalType: 'Group'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.grafanaAdmin)
    }
  }
]

resource onCall 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'drones'
    emailReceivers: [for address in alertEmails: { name: address, emailAddress: address, useCommonAlertSchema: true }]
  }
}

@description('Resource id of the Log Analytics workspace.')
output workspaceId string = workspace.id

@description('Resource id of the Azure Monitor workspace that keeps Prometheus metrics.')
output prometheusId string = prometheus.id

@description('Address at which its metrics are queried.')
output prometheusEndpoint string = prometheus.properties.metrics.prometheusQueryEndpoint

@description('Name of Application Insights.')
output applicationInsightsName string = applicationInsights.name

@description('Address of the dashboards.')
output grafanaEndpoint string = grafana.properties.endpoint

@description('Resource id of the action group that alerts notify.')
output actionGroupId string = onCall.id
