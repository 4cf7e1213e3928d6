//! Templates that escape by context, for Flagon.
