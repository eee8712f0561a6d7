using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// The surrogates that the assemblies of one application register. Each assembly is scanned once; those loaded later, at the next look-up of a type. It lives
/// as long as the application's <see cref="TypeBinder"/>, so that it keeps no load context longer than that. Thread-safe.
/// </summary>
internal sealed class SurrogateTable
{
    private static readonly ConditionalWeakTable<Type, Surrogate> Instances = [];
    private static readonly ConditionalWeakTable<TypeBinder, SurrogateTable> Tables = [];

    private static int _loads = CountLoads();

    private readonly Lock _lock = new();
    private readonly HashSet<Assembly> _scanned = [];
    private readonly Dictionary<Type, List<Type>> _surrogates = [];
    private readonly TypeBinder _binder;
    private long _seen = -1;
    private volatile bool _isEmpty = true;

    private SurrogateTable(TypeBinder binder) => _binder = binder;

    // Both only grow, so their sum is unchanged only if neither has grown.
    private long Loads => (long)Volatile.Read(ref _loads) + _binder.Found;

    /// <summary>The surrogates for writers in a context: if it has none, those of this process's own application.</summary>
    public static SurrogateTable? Of(SerializationContext? context)
    {
        var binder = context is null ? TypeBinder.Application : context.Types;
        return binder is null ? null : Tables.GetValue(binder, static binder => new SurrogateTable(binder));
    }

    /// <summary>The plan that writes a type's objects; null without a surrogate.</summary>
    /// <exception cref="SerializationException">Two surrogates are registered for the type, or the registered type is not a surrogate.</exception>
    public ObjectPlan? PlanFor(Type type)
    {
        return TypeFor(type) is { } surrogate ? new UserSurrogatePlan(InstanceOf(surrogate), type) : null;
    }

    /// <summary>The surrogate of a type; null if it has none.</summary>
    /// <exception cref="SerializationException">Two surrogates are registered for the type, or the registered type is not a surrogate.</exception>
    public Type? TypeFor(Type type)
    {
        if (_isEmpty && Volatile.Read(ref _seen) == Loads) return null;
        lock (_lock)
        {
            Scan();
            for (var part = type; part is not null; part = part.BaseType)
            {
                if (!_surrogates.TryGetValue(part, out var found)) continue;
                return found.Count == 1 ? found[0] : throw new SerializationException(
                    $"{found[0]} and {found[1]} are both registered as surrogates of {part}: keep one.");
            }
        }

        return null;
    }

    /// <summary>The type that a surrogate in the input replaces.</summary>
    /// <exception cref="SerializationException">The type is not a surrogate of an application, or replaces a foreign type.</exception>
    public static Type Check(Type type, TypeAdmission admission)
    {
        if (TargetOf(type) is not { } target || type.IsAbstract || type.ContainsGenericParameters || FrameworkAssemblies.Contains(type.Assembly))
            throw new SerializationException($"{type} is not a surrogate.");
        if (admission.Denial(type) is { } reason || (reason = admission.Denial(target)) is not null) throw new SerializationException($"{reason}.");
        var isForeign = type.IsCollectible && !FrameworkAssemblies.Contains(target.Assembly)
            && AssemblyLoadContext.GetLoadContext(target.Assembly) != AssemblyLoadContext.GetLoadContext(type.Assembly);
        return isForeign ? throw new SerializationException($"{type} belongs to the application and cannot replace {target}, which does not.") : target;
    }

    /// <summary>The surrogate of a type that was checked.</summary>
    /// <exception cref="SerializationException">The surrogate cannot be created.</exception>
    public static Surrogate InstanceOf(Type type)
    {
        if (Instances.TryGetValue(type, out var known)) return known;
        try
        {
            return Instances.GetValue(type, static type => (Surrogate)Activator.CreateInstance(type)!);
        }
        catch (Exception e) when (e is MissingMethodException or TargetInvocationException or MemberAccessException)
        {
            throw new SerializationException($"{type} cannot be created: a surrogate needs a public constructor without parameters that does not fail.", e);
        }
    }

    private static Type? TargetOf(Type surrogate)
    {
        for (var part = surrogate; part is not null; part = part.BaseType)
        {
            if (part.IsConstructedGenericType && part.GetGenericTypeDefinition() == typeof(Surrogate<,>)) return part.GenericTypeArguments[0];
        }

        return null;
    }

    private static int CountLoads()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, _) => Interlocked.Increment(ref _loads);
        return 0;
    }

    private void Scan()
    {
        var loads = Loads;
        if (_seen == loads) return;
        foreach (var assembly in _binder.LoadContexts().SelectMany(static context => context.Assemblies))
        {
            if (assembly.IsDynamic || _scanned.Contains(assembly) || FrameworkAssemblies.Contains(assembly)) continue;
            foreach (var attribute in assembly.GetCustomAttributes<SerializationSurrogateAttribute>()) Add(attribute.Surrogate, assembly);
            _scanned.Add(assembly);
        }

        _isEmpty = _surrogates.Count == 0;
        Volatile.Write(ref _seen, loads);
    }

    private void Add(Type surrogate, Assembly assembly)
    {
        if (TargetOf(surrogate) is not { } target || surrogate.IsAbstract || surrogate.ContainsGenericParameters)
        {
            throw new SerializationException(
                $"Assembly {AssemblyNames.Of(assembly)} registers {surrogate} as a surrogate: derive it from Surrogate<T, TState>, neither abstract nor generic.");
        }

        var isBuiltIn = target == typeof(object) || target == typeof(string) || target.IsArray || target.IsInterface
            || target.IsAssignableTo(typeof(Delegate)) || target.IsAssignableTo(typeof(Exception)) || target.IsAssignableTo(typeof(Type));
        if (isBuiltIn) throw new SerializationException($"{surrogate} replaces {target}, which cannot have a surrogate.");
        if (!_surrogates.TryGetValue(target, out var known)) _surrogates.Add(target, known = []);
        if (!known.Contains(surrogate)) known.Add(surrogate);
    }
}
