targetScope = 'subscription'
metadata description = 'Microsoft Defender for the kinds of resources that are used here. It holds for the whole subscription.'

@description('Whether its plans are paid for. Off: what is free of charge stays.')
param enabled bool

var plans = ['Containers', 'CosmosDbs', 'KeyVaults', 'Arm']

@batchSize(1)
resource pricing 'Microsoft.Security/pricings@2024-01-01' = [
  for plan in plans: {
    name: plan
    properties: { pricingTier: enabled ? 'Standard' : 'Free' }
  }
]
