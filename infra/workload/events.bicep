metadata description = 'Event Grid namespace: delivery events for systems of our own. Silos publish with their identity.'

import { tagsType } from '../shared/names.bicep'
import { roles } from '../shared/roles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the namespace.')
param name string

@description('Principal id of the silos.')
param siloPrincipalId string

@description('Whether it is spread over availability zones.')
param zoneRedundant bool

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

resource space 'Microsoft.EventGrid/namespaces@2025-02-15' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', capacity: 1 }
  properties: { isZoneRedundant: zoneRedundant, minimumTlsVersionAllowed: '1.2', publicNetworkAccess: 'Enabled' }

  resource deliveries 'topics' = {
    name: 'deliveries'
    properties: { publisherType: 'Custom', inputSchema: 'CloudEventSchemaV1_0', eventRetentionInDays: 7 }
  }
}

resource publishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(space.id, 'silo', roles.eventGridDataSender)
  scope: space
  properties: {
    principalId: siloPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.eventGridDataSender)
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: space
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Chart value notifications.eventGrid.endpoint.')
output endpoint string = 'https://${space.properties.topicsConfiguration.hostname}'

@description('Chart value notifications.eventGrid.topic.')
output topic string = space::deliveries.name
