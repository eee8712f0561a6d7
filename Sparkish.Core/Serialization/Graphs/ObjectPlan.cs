namespace Sparkish.Serialization.Graphs;

/// <summary>How objects of one type are written and made again. Stateless: one instance serves all threads.</summary>
internal abstract class ObjectPlan(Type type)
{
    public Type Type => type;

    public virtual NodeTag Tag => NodeTag.Object;

    /// <summary>Whether several references to one object stay references to one; plain boxed values are repeated instead.</summary>
    public virtual bool IsShared => true;

    /// <summary>Whether the object exists only when all its parts are read, so that they cannot refer to it.</summary>
    public virtual bool IsLate => false;

    /// <summary>An object that must be complete before this one can be made.</summary>
    public virtual object? Prerequisite(object value) => null;

    /// <summary>Writes what stands behind the type.</summary>
    public abstract void Write(ObjectWriter writer, object value);

    /// <summary>Makes an object and registers it under its number as soon as parts may refer to it.</summary>
    public abstract object Read(ObjectReader reader, ref ByteReader input, int id);
}
