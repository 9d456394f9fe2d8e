metadata description = 'DNS zone of the application, and who may write records.'

import { tagsType } from '../shared/names.bicep'

@description('Tags of every resource.')
param tags tagsType

@description('Name of the zone, such as drones.contoso.com. Its name servers have to be entered at the parent zone.')
param name string

resource zone 'Microsoft.Network/dnsZones@2023-07-01-preview' = {
  name: name
  location: 'global'
  tags: tags
}

@description('Resource id of the zone.')
output id string = zone.id

@description('Name servers to enter at the parent zone.')
output nameServers string[] = zone.properties.nameServers
