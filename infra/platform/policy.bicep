metadata description = 'Azure Policy for the resource group of the platform: what the cluster may run is refused there too, should the charts be left out.'

@description('Azure region of the identity that the assignments need.')
param location string

@description('Regular expression of images that are trusted.')
param trustedImages string

@description('What a violation leads to.')
@allowed(['Audit', 'Deny'])
param effect string

@description('Namespaces that are not looked at: those of the add-ons.')
param excludedNamespaces string[] = ['kube-system', 'gatekeeper-system', 'azure-arc', 'app-routing-system', 'aks-istio-system']

// Built-in definitions of Azure Policy for Kubernetes.
var kubernetesPolicies = [
  { name: 'trusted-images', definition: 'febd0533-8e55-448f-b837-bd0e06f16469', parameters: { allowedContainerImagesRegex: { value: trustedImages } } }
  { name: 'no-privilege', definition: '95edb821-ddaf-4404-9732-666045e056b4', parameters: {} }
  { name: 'no-escalation', definition: '1c6e92c9-99f0-4e55-9cf2-0c234dc48f99', parameters: {} }
  { name: 'no-host-namespaces', definition: '47a1ee2f-2a2a-4576-bf2a-e0e36709c2b8', parameters: {} }
]

resource assignments 'Microsoft.Authorization/policyAssignments@2024-04-01' = [
  for policy in kubernetesPolicies: {
    name: policy.name
    location: location
    properties: {
      displayName: 'Drone delivery: ${policy.name}'
      policyDefinitionId: tenantResourceId('Microsoft.Authorization/policyDefinitions', policy.definition)
      enforcementMode: 'Default'
      parameters: union(policy.parameters, { effect: { value: effect }, excludedNamespaces: { value: excludedNamespaces } })
    }
  }
]
