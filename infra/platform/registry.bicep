metadata description = 'Container registry: images and charts, reached by identity only.'

import { tagsType } from '../shared/names.bicep'
import { roles } from '../shared/roles.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Name of the registry: 5 to 50 letters and digits.')
@minLength(5)
@maxLength(50)
param name string

@description('Whether its data is replicated over zones.')
param zoneRedundant bool

@description('Regions that hold a copy besides its own.')
param replicaLocations string[]

@description('Days after which what no tag names is deleted.')
param untaggedRetentionDays int

@description('Principal id of the identity with which nodes pull images.')
param pullPrincipalId string

@description('Principal id of the pipeline, which pushes images and charts. Empty: nothing may push yet.')
param pushPrincipalId string

@description('Resource id of the subnet of its private endpoint.')
param subnetId string

@description('Resource id of the private DNS zone of registries.')
param privateZoneId string

@description('Whether it can be reached from outside the network as well, as a pipeline on hosted agents has to.')
param publicNetworkAccess bool

@description('Resource id of the Log Analytics workspace that takes the diagnostics.')
param workspaceId string

resource registry 'Microsoft.ContainerRegistry/registries@2023-11-01-preview' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Premium' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    dataEndpointEnabled: true
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkRuleBypassOptions: 'AzureServices'
    zoneRedundancy: zoneRedundant ? 'Enabled' : 'Disabled'
    policies: {
      exportPolicy: { status: publicNetworkAccess ? 'enabled' : 'disabled' }
      retentionPolicy: { status: 'enabled', days: untaggedRetentionDays }
      azureADAuthenticationAsArmPolicy: { status: 'disabled' }
    }
  }
}

resource replicas 'Microsoft.ContainerRegistry/registries/replications@2023-11-01-preview' = [
  for region in replicaLocations: {
    parent: registry
    name: region
    location: region
    tags: tags
    properties: { zoneRedundancy: zoneRedundant ? 'Enabled' : 'Disabled', regionEndpointEnabled: true }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'monitor'
  scope: registry
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [{ name: 'registry', properties: { privateLinkServiceId: registry.id, groupIds: ['registry'] } }]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'registry', properties: { privateDnsZoneId: privateZoneId } }] }
  }
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, 'nodes', roles.acrPull)
  scope: registry
  properties: {
    principalId: pullPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

resource push 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(pushPrincipalId)) {
  name: guid(registry.id, 'pipeline', roles.acrPush)
  scope: registry
  properties: {
    principalId: pushPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPush)
  }
}

@description('Host name of the registry, the chart value registry.')
output loginServer string = registry.properties.loginServer
