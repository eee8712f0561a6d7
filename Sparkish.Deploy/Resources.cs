#pragma warning disable MA0048 // what is offered and what is asked for belong together
namespace Sparkish.Deploy;

/// <summary>A custom resource such as <c>gpu</c>: its name and the addresses of its units.</summary>
internal sealed record ResourceInformation(string Name, string[] Addresses);

/// <summary>Number of units of a custom resource that an executor or a driver occupies.</summary>
internal sealed record ResourceRequirement(string Name, int Amount);

/// <summary>Allotting custom resources. Pure: units are whole addresses, taken from the front of a list and returned in ordinal order.</summary>
internal static class ResourceAllotment
{
    /// <summary>Number of executors for which the free units suffice.</summary>
    public static int RoomFor(ResourceRequirement[]? required, IReadOnlyDictionary<string, int>? free)
    {
        var room = int.MaxValue;
        foreach (var requirement in required ?? []) room = Math.Min(room, (free?.GetValueOrDefault(requirement.Name) ?? 0) / requirement.Amount);
        return room;
    }

    /// <summary>Whether units that suffice for the other requirements suffice for these.</summary>
    public static bool IsNoLargerThan(ResourceRequirement[]? required, ResourceRequirement[]? other) => (required ?? []).All(one =>
        (other ?? []).Any(larger => larger.Amount >= one.Amount && string.Equals(larger.Name, one.Name, StringComparison.Ordinal)));

    /// <summary>Number of free units of each resource.</summary>
    public static IReadOnlyDictionary<string, int>? Count(ResourceInformation[]? free) =>
        free?.ToDictionary(static resource => resource.Name, static resource => resource.Addresses.Length, StringComparer.Ordinal);

    /// <summary>The counts after some executors were placed.</summary>
    public static IReadOnlyDictionary<string, int>? Without(IReadOnlyDictionary<string, int>? free, ResourceRequirement[]? required, int executors)
    {
        if (required is not { Length: > 0 } || free is null) return free;
        var left = new Dictionary<string, int>(free, StringComparer.Ordinal);
        foreach (var requirement in required) left[requirement.Name] -= requirement.Amount * executors;
        return left;
    }

    /// <summary>Chooses units for one executor or driver; null if none are required.</summary>
    public static ResourceInformation[]? Choose(ResourceInformation[]? free, ResourceRequirement[]? required) => required is not { Length: > 0 }
        ? null
        : [.. required.Select(requirement => new ResourceInformation(requirement.Name, [.. AddressesOf(free, requirement.Name).Take(requirement.Amount)]))];

    /// <summary>The free units after some were taken; null if they are not all free.</summary>
    public static ResourceInformation[]? Take(ResourceInformation[]? free, ResourceInformation[]? taken)
    {
        var left = free ?? [];
        foreach (var resource in taken ?? [])
        {
            var before = AddressesOf(left, resource.Name);
            if (!resource.Addresses.All(address => before.Contains(address, StringComparer.Ordinal))) return null;
            left = [.. left.Select(r => IsOf(r, resource) ? r with { Addresses = [.. r.Addresses.Except(resource.Addresses, StringComparer.Ordinal)] } : r)];
        }

        return left;
    }

    /// <summary>The free units after some were returned.</summary>
    public static ResourceInformation[]? Return(ResourceInformation[]? free, ResourceInformation[]? returned)
    {
        foreach (var resource in returned ?? [])
        {
            free = [.. (free ?? []).Select(r => IsOf(r, resource)
                ? r with { Addresses = [.. r.Addresses.Union(resource.Addresses, StringComparer.Ordinal).Order(StringComparer.Ordinal)] }
                : r)];
        }

        return free;
    }

    private static string[] AddressesOf(ResourceInformation[]? resources, string name) =>
        (resources ?? []).FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.Ordinal))?.Addresses ?? [];

    private static bool IsOf(ResourceInformation one, ResourceInformation other) => string.Equals(one.Name, other.Name, StringComparison.Ordinal);
}
