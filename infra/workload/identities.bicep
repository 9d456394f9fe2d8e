metadata description = 'Identities of silos and gateways, taken on by the service accounts of the chart.'

import { serviceAccount, tagsType } from '../shared/names.bicep'

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags tagsType

@description('Ending of every name, such as drones-production.')
param suffix string

@description('Issuer of the tokens of the cluster\'s service accounts.')
param oidcIssuer string

@description('Namespace of the application.')
param kubernetesNamespace string

var components = ['silo', 'gateway']

resource identities 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = [
  for component in components: {
    name: 'id-${suffix}-${component}'
    location: location
    tags: tags
  }
]

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = [
  for (component, i) in components: {
    parent: identities[i]
    name: kubernetesNamespace
    properties: {
      issuer: oidcIssuer
      subject: 'system:serviceaccount:${kubernetesNamespace}:${serviceAccount(component)}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
]

@description('Client id of the silos, the chart value silo.workloadIdentity.clientId.')
output siloClientId string = identities[0].properties.clientId

@description('Client id of the gateways, the chart value gateway.workloadIdentity.clientId.')
output gatewayClientId string = identities[1].properties.clientId

@description('Principal id of the silos.')
output siloPrincipalId string = identities[0].properties.principalId

@description('Principal id of the gateways.')
output gatewayPrincipalId string = identities[1].properties.principalId
