metadata description = 'Lets the application-routing add-on keep the records of the application.'

import { roles } from '../shared/roles.bicep'

@description('Name of the zone.')
param name string

@description('Principal id of the add-on.')
param principalId string

resource zone 'Microsoft.Network/dnsZones@2023-07-01-preview' existing = { name: name }

resource writer 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(zone.id, 'application-routing', roles.dnsZoneContributor)
  scope: zone
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.dnsZoneContributor)
  }
}
