//! Processors for which there are no kernels: a [`Simd`] cannot be made.

use super::{AesBlock, Hashing, ShaBlock, Sources, State, Texts};

pub(super) enum Simd {}

impl Simd {
    pub(super) const fn new(_: &[u8; 32]) -> Option<Self> {
        None
    }

    #[cfg(test)]
    pub(super) fn every_width(_: &[u8; 32]) -> Vec<Self> {
        Vec::new()
    }

    pub(super) fn encrypt<const N: usize>(&self, _: &mut Texts<'_, N>, _: usize, _: usize) {
        match *self {}
    }

    pub(super) fn compress<const L: usize>(&self, _: &mut [State; L], _: [&[ShaBlock]; L]) {
        match *self {}
    }

    pub(super) fn seal4(
        &self,
        _: &mut [State; 4],
        _: Option<Hashing<'_>>,
        _: Option<&Sources<'_, 4>>,
        _: &mut Texts<'_, 4>,
        _: usize,
        _: usize,
    ) {
        match *self {}
    }

    pub(super) fn seal2(
        &self,
        _: &mut [State; 2],
        _: Option<Hashing<'_>>,
        _: Option<&Sources<'_, 2>>,
        _: &mut Texts<'_, 2>,
        _: usize,
        _: usize,
    ) {
        match *self {}
    }

    pub(super) fn seal1(
        &self,
        _: &mut [State; 1],
        _: Option<Hashing<'_>>,
        _: Option<&Sources<'_, 1>>,
        _: &mut Texts<'_, 1>,
        _: usize,
        _: usize,
    ) {
        match *self {}
    }

    pub(super) fn open(
        &self,
        _: &mut [State; 2],
        _: Option<Hashing<'_>>,
        _: [&[ShaBlock]; 2],
        _: &AesBlock,
        _: Option<&[AesBlock]>,
        _: &mut [AesBlock],
    ) {
        match *self {}
    }
}
